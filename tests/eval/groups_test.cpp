#include "fer/eval/groups.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "fer/core/error.hpp"
#include "fer/core/random.hpp"
#include "fer/eval/evaluation.hpp"
#include "fer/eval/holm.hpp"
#include "support/golden.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::ThrowsMessage;

const ClassList kThree({"happy", "sad", "neutral"});

/// Adds a sample that is answered with this class.
void add(ScoredSamples& scored, int label, int predicted, float confidence = 0.8F) {
  std::vector<float> row(3, (1 - confidence) / 2);
  row[static_cast<std::size_t>(predicted)] = confidence;
  scored.paths.push_back(std::to_string(scored.paths.size()));
  scored.labels.push_back(label);
  scored.probabilities.push_back(row);
  scored.subjects.emplace_back();
}

void add_times(ScoredSamples& scored, int times, int label, int predicted) {
  for (int i = 0; i < times; ++i) add(scored, label, predicted);
}

std::vector<std::string> repeated(std::initializer_list<std::pair<const char*, int>> values) {
  std::vector<std::string> list;
  for (const auto& [value, times] : values) list.insert(list.end(), static_cast<std::size_t>(times), value);
  return list;
}

TEST(Groups, are_described_by_their_samples_alone) {
  ScoredSamples scored;
  add_times(scored, 6, 0, 0);
  add_times(scored, 3, 0, 2);
  add(scored, 1, 2);
  add_times(scored, 2, 2, 2);
  add_times(scored, 5, 1, 0);
  scored.attributes["angle"] = repeated({{"left", 12}, {"front", 4}, {"", 1}});
  const auto groups = analyse_groups(scored, kThree);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].value, "front");
  EXPECT_EQ(groups[0].metrics.samples, 4);
  const GroupMetrics& left = groups[1];
  EXPECT_EQ(left.attribute, "angle");
  EXPECT_EQ(left.metrics.confusion, (Confusion{{6, 0, 3}, {0, 0, 1}, {0, 0, 2}}));
  EXPECT_EQ(left.accuracy_ci95, wilson_interval(8, 12));
  EXPECT_FALSE(left.by_subject);
  EXPECT_EQ(left.neutral->count, 4);
  EXPECT_EQ(left.neutral->others, 10);
  EXPECT_EQ(left.favourite->predicted, 2);
  EXPECT_EQ(groups[0].favourite->predicted, 0);
  EXPECT_EQ(left.confused->label, 0);
  EXPECT_EQ(left.confused->predicted, 2);
  EXPECT_EQ(left.confused->count, 3);
  EXPECT_EQ(left.confused->labelled, 9);
  EXPECT_EQ(left.compared, std::nullopt);  // too few
}

TEST(Groups, without_errors_have_none_to_tell_of) {
  ScoredSamples scored;
  add_times(scored, 3, 2, 2);
  scored.attributes["sex"] = repeated({{"F", 3}});
  const auto groups = analyse_groups(scored, kThree);
  EXPECT_EQ(groups[0].neutral, std::nullopt);  // nothing but neutral samples
  EXPECT_EQ(groups[0].favourite, std::nullopt);
  EXPECT_EQ(groups[0].confused, std::nullopt);
}

TEST(Groups, of_measures_are_quartiles_from_low_to_high) {
  ScoredSamples scored;
  add_times(scored, 8, 0, 0);
  scored.measures["brightness"] = {100, 90, 20, 8, 110, 30, std::numeric_limits<double>::quiet_NaN(), 120};
  scored.measures["age"] = std::vector<double>(8, 1);
  scored.attributes["age"] = repeated({{"30", 4}, {"40", 4}});
  std::vector<std::string> names;
  for (const auto& group : analyse_groups(scored, kThree))
    names.push_back(group.attribute + " " + group.value);
  EXPECT_THAT(names, ElementsAre("age 30", "age 40", "brightness 8-20", "brightness 30-90", "brightness 100",
                                 "brightness 110-120"));
}

TEST(Groups, of_an_attribute_with_many_numbers_are_ranges) {
  ScoredSamples scored;
  std::vector<std::string> ages;
  for (int age = 20; age < 60; ++age) {
    add(scored, 0, 0);
    ages.push_back(age == 40 ? "" : std::to_string(age));
  }
  scored.attributes["age"] = ages;
  EXPECT_EQ(analyse_groups(scored, kThree).size(), 4U);
  scored.attributes["age"][0] = "twenty";
  EXPECT_EQ(analyse_groups(scored, kThree).size(), 39U);
}

TEST(Groups, are_compared_with_all_others_of_known_value) {
  ScoredSamples scored;
  add_times(scored, 12, 0, 0);
  add_times(scored, 28, 0, 1);
  add_times(scored, 90, 0, 0);
  add_times(scored, 10, 0, 1);
  add_times(scored, 50, 0, 1);
  scored.attributes["angle"] = repeated({{"left", 40}, {"front", 80}, {"right", 20}, {"", 50}});
  const auto groups = analyse_groups(scored, kThree);
  const GroupComparison& left = *groups[1].compared;
  EXPECT_EQ(left.others, 100);
  EXPECT_DOUBLE_EQ(left.difference.value, 12.0 / 40 - 90.0 / 100);
  EXPECT_DOUBLE_EQ(left.same_classes->value, left.difference.value);
  EXPECT_LT(left.difference.ci95.high, -0.4);
  EXPECT_TRUE(left.differs);
  std::vector<double> p;
  for (const GroupMetrics& group : groups) p.push_back(group.compared->p);
  EXPECT_DOUBLE_EQ(left.p_holm, holm_adjusted(p)[1]);
  EXPECT_GT(left.p_holm, left.p);
}

TEST(Groups, of_two_values_are_one_comparison) {
  ScoredSamples scored;
  add_times(scored, 30, 0, 0);
  add_times(scored, 9, 0, 1);
  add_times(scored, 21, 0, 0);
  scored.attributes["sex"] = repeated({{"F", 30}, {"M", 30}});
  const auto groups = analyse_groups(scored, kThree);
  EXPECT_DOUBLE_EQ(groups[0].compared->p, groups[1].compared->p);
  EXPECT_DOUBLE_EQ(groups[0].compared->p_holm, groups[0].compared->p);
  EXPECT_TRUE(groups[0].compared->differs);
  EXPECT_TRUE(groups[1].compared->differs);
  EXPECT_DOUBLE_EQ(groups[0].compared->difference.value, -groups[1].compared->difference.value);
}

TEST(Groups, with_one_value_only_have_no_others) {
  ScoredSamples scored;
  add_times(scored, 100, 0, 0);
  scored.attributes["angle"] = std::vector<std::string>(100, "S");
  scored.measures["face_size_px"] = std::vector<double>(100, 48);
  const auto groups = analyse_groups(scored, kThree);
  ASSERT_EQ(groups.size(), 1U) << "a measure of one value is no group";
  EXPECT_EQ(groups[0].value, "S");
  EXPECT_EQ(groups[0].compared, std::nullopt);
}

TEST(Groups, that_differ_in_their_classes_alone_do_not_differ_with_the_same_classes) {
  // "happy" is right 9 times of 10, "sad" 5 times, in both groups; the dark ones are mostly sad.
  ScoredSamples scored;
  const auto add_group = [&](int happy, int sad) {
    add_times(scored, happy * 9, 0, 0);
    add_times(scored, happy, 0, 1);
    add_times(scored, sad * 5, 1, 1);
    add_times(scored, sad * 5, 1, 0);
  };
  add_group(2, 18);
  add_group(18, 2);
  scored.attributes["light"] = repeated({{"dark", 200}, {"light", 200}});
  const GroupComparison dark = *analyse_groups(scored, kThree)[0].compared;
  EXPECT_TRUE(dark.differs);
  EXPECT_NEAR(dark.difference.value, 0.54 - 0.86, 1e-12);
  EXPECT_NEAR(dark.same_classes->value, 0, 1e-12);
  EXPECT_LT(dark.same_classes->ci95.low, 0);
  EXPECT_GT(dark.same_classes->ci95.high, 0);
}

TEST(Groups, without_a_class_in_common_have_no_difference_with_the_same_classes) {
  ScoredSamples scored;
  add_times(scored, 30, 0, 0);
  add_times(scored, 30, 1, 0);
  scored.attributes["light"] = repeated({{"dark", 30}, {"light", 30}});
  EXPECT_EQ(analyse_groups(scored, kThree)[0].compared->same_classes, std::nullopt);
}

/// A case of groups.json as samples.
ScoredSamples clustered(const nlohmann::json& known) {
  ScoredSamples scored;
  for (std::size_t i = 0; i < known["right"].size(); ++i) {
    add(scored, 0, known["right"][i] == 1 ? 0 : 1);
    scored.subjects.back() = known["subjects"][i].dump();
    scored.attributes["in"].push_back(known["group"][i] == 1 ? "A" : "B");
  }
  return scored;
}

TEST(Groups, of_known_subjects_are_compared_as_a_regression_clustered_by_subject_does) {
  for (const auto& known : golden_json("groups.json", "clustered")) {
    SCOPED_TRACE(known["name"]);
    const auto groups = analyse_groups(clustered(known), kThree);
    const GroupComparison& compared = *groups[0].compared;
    EXPECT_NEAR(compared.difference.value, known["difference"], 1e-9);
    EXPECT_NEAR(compared.p, known["p"], 1e-8);
    EXPECT_NEAR(compared.difference.ci95.low, known["interval"][0], 1e-8);
    EXPECT_NEAR(compared.difference.ci95.high, known["interval"][1], 1e-8);
    EXPECT_TRUE(groups[0].by_subject);
  }
}

TEST(Groups, of_known_subjects_spread_as_a_bootstrap_by_subject_says) {
  for (const auto& known : golden_json("groups.json", "clustered")) {
    if (known["name"] == "few subjects") continue;
    SCOPED_TRACE(known["name"]);
    const ScoredSamples scored = clustered(known);
    const auto difference = [&](std::span<const std::size_t> samples) {
      double right[2] = {};
      double all[2] = {};
      for (const std::size_t i : samples) {
        const bool in = scored.attributes.at("in")[i] == "A";
        right[in] += predicted_class(scored.probabilities[i]) == 0;
        ++all[in];
      }
      return right[1] / all[1] - right[0] / all[0];
    };
    const Interval drawn = *bootstrap_interval(scored.subjects, difference);
    const Interval found = analyse_groups(scored, kThree)[0].compared->difference.ci95;
    const double ratio = (found.high - found.low) / (drawn.high - drawn.low);
    EXPECT_GT(ratio, 0.9);
    // With subjects on both sides it is never narrower than between as many samples that know nothing of each
    // other.
    if (known["name"] == "subjects on one side only") {
      EXPECT_LT(ratio, 1.3);
    }
  }
}

TEST(Groups, of_too_few_subjects_are_not_compared) {
  ScoredSamples scored;
  add_times(scored, 100, 0, 0);
  add_times(scored, 100, 0, 1);
  for (int i = 0; i < 200; ++i) scored.subjects[static_cast<std::size_t>(i)] = std::to_string(i / 25);
  scored.attributes["sex"] = repeated({{"F", 100}, {"M", 100}});
  EXPECT_EQ(analyse_groups(scored, kThree)[0].compared, std::nullopt);  // four women, four men
  EXPECT_EQ(analyse_groups(scored, kThree)[0].subjects, 4);
  EXPECT_FALSE(analyse_groups(scored, kThree)[0].by_subject);
}

/// Ten attributes, of subjects and of samples, even and uneven, that have nothing to do with the answers.
ScoredSamples noise(Rng& rng, int subjects, int per_subject) {
  ScoredSamples scored;
  const auto draw = [&](int values) { return std::to_string(rng.below(static_cast<std::size_t>(values))); };
  for (int subject = 0; subject < subjects; ++subject) {
    const double skill = 1.5 + 0.8 * rng.normal();
    const std::string sex = draw(2);
    const std::string origin = rng.chance(0.7) ? "a" : rng.chance(0.6) ? "b" : "c";
    for (int i = 0; i < per_subject; ++i) {
      const int label = i % 3;
      const bool right = rng.chance(1 / (1 + std::exp(-skill - 0.6 * (label - 1))));
      add(scored, label, right ? label : (label + 1) % 3);
      scored.subjects.back() = std::to_string(subject);
      scored.attributes["sex"].push_back(sex);
      scored.attributes["origin"].push_back(origin);
      scored.attributes["angle"].push_back(draw(5));
      scored.attributes["session"].push_back(draw(2));
      scored.attributes["rare"].push_back(rng.chance(0.06) ? "yes" : "no");
      for (const char* name : {"brightness", "contrast", "sharpness", "face_size_px", "detector_score"})
        scored.measures[name].push_back(rng.normal());
    }
  }
  return scored;
}

bool flags(const ScoredSamples& scored) {
  return std::ranges::any_of(analyse_groups(scored, kThree), [](const GroupMetrics& group) {
    return group.compared && group.compared->differs;
  });
}

int flagged_of(int times, const std::function<ScoredSamples(Rng&)>& draw) {
  int flagged = 0;
  for (int time = 0; time < times; ++time) {
    Rng rng(static_cast<std::uint64_t>(time) + 1);
    flagged += flags(draw(rng));
  }
  return flagged;
}

// 5 % at most of the time anything; 150 draws of it have 15 with a probability of 1 %.
TEST(Groups, of_noise_seldom_differ_when_subjects_are_known) {
  EXPECT_LE(flagged_of(150, [](Rng& rng) { return noise(rng, 24, 30); }), 14);
}

ScoredSamples without_subjects(ScoredSamples scored) {
  scored.subjects.assign(scored.subjects.size(), "");
  return scored;
}

TEST(Groups, of_noise_seldom_differ_when_no_subject_is_known) {
  EXPECT_LE(flagged_of(150, [](Rng& rng) { return without_subjects(noise(rng, 500, 1)); }), 14);
}

TEST(Groups, of_subjects_that_differ_by_chance_would_often_differ_if_images_were_independent) {
  EXPECT_GT(flagged_of(60, [](Rng& rng) { return without_subjects(noise(rng, 24, 30)); }), 8);
}

TEST(Groups, that_are_worse_are_found_and_no_other_attributes) {
  int found = 0;
  int others = 0;
  for (std::uint64_t time = 0; time < 30; ++time) {
    Rng rng(time);
    ScoredSamples scored = noise(rng, 24, 30);
    for (std::size_t i = 0; i < scored.labels.size();
         ++i) {  // one angle in five loses a third of what was right
      if (scored.attributes["angle"][i] != "3" || !rng.chance(0.35)) continue;
      scored.probabilities[i] = {0.1F, 0.1F, 0.1F};
      scored.probabilities[i][static_cast<std::size_t>((scored.labels[i] + 1) % 3)] = 0.8F;
    }
    for (const GroupMetrics& group : analyse_groups(scored, kThree)) {
      if (!group.compared || !group.compared->differs) continue;
      if (group.attribute != "angle") ++others;
      if (group.attribute != "angle" || group.value != "3") continue;
      ++found;
      EXPECT_LT(group.compared->difference.ci95.high, 0);
    }
  }
  EXPECT_GE(found, 28);
  EXPECT_LE(others, 4);
}

TEST(Groups, want_one_value_per_sample) {
  ScoredSamples scored;
  add(scored, 0, 0);
  scored.attributes["angle"] = {};
  EXPECT_THAT([&] { analyse_groups(scored, kThree); },
              ThrowsMessage<Error>("0 values of 'angle' for 1 samples"));
  scored.attributes.clear();
  scored.measures["brightness"] = {1, 2};
  EXPECT_THAT([&] { analyse_groups(scored, kThree); },
              ThrowsMessage<Error>("2 values of 'brightness' for 1 samples"));
  scored.measures.clear();
  scored.subjects.clear();
  EXPECT_THAT([&] { analyse_groups(scored, kThree); },
              ThrowsMessage<Error>("0 values of 'subject' for 1 samples"));
}

TEST(ConfusedPairs, come_with_their_samples_surest_first) {
  ScoredSamples scored;
  add(scored, 0, 1, 0.5F);
  add(scored, 0, 0);
  add(scored, 0, 1, 0.9F);
  add(scored, 1, 2, 0.7F);
  add(scored, 0, 1, 0.7F);
  const auto pairs = confused_pairs(scored.labels, scored.probabilities, 3);
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_EQ(pairs[0].label, 0);
  EXPECT_EQ(pairs[0].predicted, 1);
  EXPECT_EQ(pairs[0].count, 3);
  EXPECT_EQ(pairs[0].share, 0.75);
  EXPECT_EQ(pairs[0].share_ci95, wilson_interval(3, 4));
  EXPECT_NEAR(pairs[0].mean_confidence, 0.7, 1e-6);
  EXPECT_THAT(pairs[0].samples, ElementsAre(2U, 4U, 0U));
  EXPECT_THAT(pairs[1].samples, ElementsAre(3U));
  EXPECT_THAT(confused_pairs(std::vector<int>{0}, std::vector<std::vector<float>>{{1, 0, 0}}, 3), IsEmpty());
}

TEST(Evaluation, holds_groups_pairs_and_the_pull_of_neutral) {
  ScoredSamples scored;
  add_times(scored, 3, 0, 2);
  add(scored, 2, 1);
  scored.attributes["sex"] = repeated({{"F", 4}});
  const Evaluation evaluation = evaluate_samples(scored, kThree);
  EXPECT_EQ(evaluation.metrics.samples, 4);
  EXPECT_EQ(evaluation.groups.size(), 1U);
  EXPECT_EQ(evaluation.confused.size(), 2U);
  EXPECT_EQ(evaluation.neutral->share(), 1);
  ScoredSamples two;
  two.labels = {0};
  two.probabilities = {{1, 0}};
  two.subjects = {""};
  EXPECT_EQ(evaluate_samples(two, ClassList({"happy", "sad"})).neutral, std::nullopt);
}

}  // namespace
}  // namespace fer
