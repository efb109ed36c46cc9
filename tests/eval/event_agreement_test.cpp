#include "fer/eval/event_agreement.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "fer/core/error.hpp"
#include "support/error_text.hpp"
#include "support/golden.hpp"

namespace fer {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using Events = std::vector<TimedEvent>;

Events events_of(const nlohmann::json& rows) {
  Events events;
  for (const auto& row : rows) events.push_back({row.at(0), row.at(1), row.at(2), row.at(3)});
  return events;
}

double iou(const TimedEvent& a, const TimedEvent& b) {
  return (std::min(a.offset, b.offset) - std::max(a.onset, b.onset)) /
         (std::max(a.offset, b.offset) - std::min(a.onset, b.onset));
}

TEST(MatchEvents, finds_as_many_pairs_as_near_each_other_as_scipy_does) {
  for (const auto& one : golden_json("agreement.json", "events")) {
    SCOPED_TRACE(one.at("name"));
    const Events human = events_of(one.at("human"));
    const Events model = events_of(one.at("model"));
    EventCriterion criterion{.tolerance = one.at("tolerance")};
    if (!one.at("iou").is_null()) criterion.iou = one.at("iou").get<double>();
    const auto pairs = match_events(human, model, criterion);
    ASSERT_THAT(pairs, SizeIs(one.at("pairs").get<std::size_t>()));
    double distance = 0;
    std::set<std::size_t> humans;
    std::set<std::size_t> models;
    for (const auto& [h, m] : pairs) {
      humans.insert(h);
      models.insert(m);
      EXPECT_EQ(human[h].track, model[m].track);
      EXPECT_EQ(human[h].label, model[m].label);
      distance += criterion.iou ? 1 - iou(human[h], model[m])
                                : std::abs(human[h].onset - model[m].onset) +
                                      std::abs(human[h].offset - model[m].offset);
    }
    EXPECT_NEAR(distance, one.at("distance"), 1e-9);
    EXPECT_THAT(humans, SizeIs(pairs.size()));
    EXPECT_THAT(models, SizeIs(pairs.size()));
  }
}

TEST(MatchEvents, leaves_no_event_alone_for_a_nearer_pair) {
  // The second human event is nearest to the first of the model's, which is all that the first can have.
  const Events human = {{.onset = 0, .offset = 2}, {.onset = 0.5, .offset = 2.5}};
  const Events model = {{.onset = 0.4, .offset = 2.4}, {.onset = 0.9, .offset = 2.9}};
  const auto pairs = match_events(human, model);
  ASSERT_THAT(pairs, SizeIs(2));
  EXPECT_EQ(pairs[0].model, 0U);
  EXPECT_EQ(pairs[1].model, 1U);
}

TEST(MatchEvents, wants_onset_and_offset_within_the_tolerance) {
  const Events human = {{.onset = 1, .offset = 3}};
  const auto matches = [&](double onset, double offset, EventCriterion criterion = {}) {
    return match_events(human, Events{{.onset = onset, .offset = offset}}, criterion).size();
  };
  EXPECT_EQ(matches(1.5, 2.5), 1U) << "the tolerance itself is within";
  EXPECT_EQ(matches(1.51, 3), 0U);
  EXPECT_EQ(matches(1, 3.51), 0U);
  EXPECT_EQ(matches(1.51, 3, {.iou = 0.5}), 1U);
  EXPECT_EQ(matches(2, 3, {.iou = 0.5}), 1U) << "exactly half";
  EXPECT_EQ(matches(2.01, 3, {.iou = 0.5}), 0U);
  EXPECT_EQ(matches(3, 4, {.iou = 0.01}), 0U) << "they only touch";
}

TEST(MatchEvents, pairs_nothing_of_two_tracks_or_two_labels) {
  const Events human = {{.track = 0, .label = 1, .onset = 1, .offset = 3}};
  EXPECT_THAT(match_events(human, Events{{.track = 1, .label = 1, .onset = 1, .offset = 3}}), IsEmpty());
  EXPECT_THAT(match_events(human, Events{{.track = 0, .label = 0, .onset = 1, .offset = 3}}), IsEmpty());
  EXPECT_THAT(match_events(human, {}), IsEmpty());
  EXPECT_THAT(match_events({}, human), IsEmpty());
}

TEST(MatchEvents, refuses_criteria_out_of_range) {
  const auto text = [](EventCriterion criterion) {
    return test::error_text(ErrorKind::usage, [&] { return match_events({}, {}, criterion); });
  };
  EXPECT_EQ(text({.tolerance = -1}), "a tolerance of -1 s: expected 0 or more");
  EXPECT_EQ(text({.iou = 0}), "an overlap of 0: expected more than 0, at most 1");
  EXPECT_EQ(text({.iou = 1.5}), "an overlap of 1.5: expected more than 0, at most 1");
}

TEST(EventAgreement, counts_by_class_and_over_all_with_the_mean_errors) {
  const Events human = {{.label = 0, .onset = 1, .offset = 2},
                        {.label = 0, .onset = 5, .offset = 6},
                        {.label = 1, .onset = 8, .offset = 9}};
  const Events model = {{.label = 0, .onset = 1.2, .offset = 2.4},
                        {.label = 0, .onset = 4.6, .offset = 6.2},
                        {.label = 0, .onset = 20, .offset = 22},
                        {.label = 2, .onset = 8, .offset = 9}};
  const EventAgreement found = event_agreement(human, model, 4);
  EXPECT_EQ(found.overall.human, 3);
  EXPECT_EQ(found.overall.model, 4);
  EXPECT_EQ(found.overall.matched, 2);
  EXPECT_DOUBLE_EQ(found.overall.precision, 0.5);
  EXPECT_DOUBLE_EQ(found.overall.recall, 2.0 / 3);
  EXPECT_DOUBLE_EQ(found.overall.f1, 4.0 / 7);
  EXPECT_NEAR(*found.overall.onset_error, -0.1, 1e-12);
  EXPECT_NEAR(*found.overall.onset_distance, 0.3, 1e-12);
  EXPECT_NEAR(*found.overall.offset_error, 0.3, 1e-12);
  EXPECT_NEAR(*found.overall.offset_distance, 0.3, 1e-12);
  EXPECT_DOUBLE_EQ(found.per_class[0].f1, 0.8);
  EXPECT_EQ(found.per_class[1].recall, 0);
  EXPECT_FALSE(found.per_class[1].onset_error);
  EXPECT_EQ(found.per_class[2].model, 1);
  EXPECT_EQ(found.per_class[3].f1, 0) << "nobody says it";
}

TEST(EventAgreement, refuses_a_label_out_of_range) {
  EXPECT_THROW(event_agreement(Events{{.label = 2}}, {}, 2), Error);
  EXPECT_THROW(event_agreement({}, Events{{.label = -1}}, 2), Error);
}

}  // namespace
}  // namespace fer
