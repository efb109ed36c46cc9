#include "fer/eval/label_noise.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <vector>

#include "fer/core/error.hpp"
#include "support/error_text.hpp"
#include "support/golden.hpp"

namespace fer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Rows = std::vector<std::vector<float>>;

/// A case of tests/golden/label_noise.json.
struct GoldenCase {
  explicit GoldenCase(const nlohmann::json& golden)
      : json(golden), labels(golden.at("labels")), classes(golden.at("classes")) {
    const std::vector<float> flat = golden.at("rows");
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const auto first = flat.begin() + static_cast<std::ptrdiff_t>(i) * classes;
      rows.emplace_back(first, first + classes);
    }
  }

  LabelNoise found(SuspectOrder order = SuspectOrder::self_confidence) const {
    return find_label_noise(labels, rows, classes, order);
  }

  const nlohmann::json& json;
  std::vector<int> labels;
  int classes;
  Rows rows;
};

std::vector<std::size_t> samples_of(const LabelNoise& noise) {
  std::vector<std::size_t> samples;
  for (const Suspect& suspect : noise.suspects) samples.push_back(suspect.sample);
  return samples;
}

/// Calls `check` with every golden case.
template <class Check>
void each_golden(const Check& check) {
  const auto golden = golden_json("label_noise.json");
  ASSERT_EQ(golden.at("cases").size(), 8U);
  for (const auto& json : golden.at("cases")) {
    SCOPED_TRACE(json.at("name"));
    check(GoldenCase(json));
  }
}

TEST(LabelNoise, CountsAndEstimatesAsCleanlabDoes) {
  each_golden([](const GoldenCase& golden) {
    const LabelNoise noise = golden.found();
    EXPECT_EQ(noise.confident, golden.json.at("confident").get<NoiseCounts>());
    EXPECT_EQ(noise.estimated, golden.json.at("estimated").get<NoiseCounts>());
    for (std::size_t k = 0; k < noise.thresholds.size(); ++k) {
      const auto& expected = golden.json.at("thresholds").at(k);
      if (expected.is_null()) {
        EXPECT_TRUE(std::isnan(noise.thresholds[k]));
      } else {
        EXPECT_NEAR(noise.thresholds[k], expected.get<double>(), 1e-12);
      }
    }
  });
}

TEST(LabelNoise, SuspectsTheSamplesCleanlabSuspectsInItsOrders) {
  each_golden([](const GoldenCase& golden) {
    EXPECT_EQ(samples_of(golden.found()),
              golden.json.at("by_self_confidence").get<std::vector<std::size_t>>());
    EXPECT_EQ(samples_of(golden.found(SuspectOrder::normalised_margin)),
              golden.json.at("by_normalized_margin").get<std::vector<std::size_t>>());
    const std::vector<std::size_t> confident = golden.json.at("confident_samples");
    for (const Suspect& suspect : golden.found().suspects)
      EXPECT_EQ(suspect.confident, std::ranges::binary_search(confident, suspect.sample)) << suspect.sample;
    for (std::size_t i = 0; i < golden.rows.size(); ++i) {
      EXPECT_NEAR(suspect_score(golden.rows[i], golden.labels[i], SuspectOrder::self_confidence),
                  golden.json.at("self_confidence").at(i).get<double>(), 1e-12);
      EXPECT_NEAR(suspect_score(golden.rows[i], golden.labels[i], SuspectOrder::normalised_margin),
                  golden.json.at("normalized_margin").at(i).get<double>(), 1e-12);
    }
  });
}

TEST(LabelNoise, OneWrongLabelAmongClearOnesIsFoundWithTheClassItLooksLike) {
  const std::vector<int> labels = {0, 0, 0, 1, 1, 1, 0};
  const Rows rows = {{0.9F, 0.1F}, {0.8F, 0.2F}, {0.9F, 0.1F},  {0.1F, 0.9F},
                     {0.2F, 0.8F}, {0.1F, 0.9F}, {0.05F, 0.95F}};
  const LabelNoise noise = find_label_noise(labels, rows, 2);
  ASSERT_THAT(samples_of(noise), ElementsAre(6));
  EXPECT_EQ(noise.suspects[0].label, 0);
  EXPECT_EQ(noise.suspects[0].suggested, 1);
  EXPECT_TRUE(noise.suspects[0].confident);
  EXPECT_FLOAT_EQ(static_cast<float>(noise.suspects[0].score), 0.05F);
  EXPECT_EQ(count_noise(noise.estimated), 1);
  EXPECT_EQ(noise.estimated[0], (std::vector<std::int64_t>{3, 1}));
}

TEST(LabelNoise, NeverSuspectsALabelTheModelItselfVotesForNorTheOnlySampleOfOne) {
  const std::vector<int> labels = {0, 0, 0, 0, 1};
  const Rows rows = {{0.9F, 0.1F}, {0.6F, 0.4F}, {0.55F, 0.45F}, {0.51F, 0.49F}, {0.99F, 0.01F}};
  EXPECT_THAT(find_label_noise(labels, rows, 2).suspects, IsEmpty());
}

TEST(LabelNoise, RefusesWhatIsNoLabelOrNoProbability) {
  const Rows rows = {{0.5F, 0.5F}};
  EXPECT_THROW(find_label_noise(std::vector{2}, rows, 2), Error);
  EXPECT_THROW(find_label_noise(std::vector{0, 1}, rows, 2), Error);
  EXPECT_THROW(find_label_noise(std::vector<int>{}, Rows{}, 2), Error);
  const Rows broken = {{std::numeric_limits<float>::quiet_NaN(), 0.5F}};
  EXPECT_THROW(find_label_noise(std::vector{0}, broken, 2), Error);
  EXPECT_EQ(
      test::error_text(ErrorKind::failure,
                       [] { return find_label_noise(std::vector{0}, Rows{{1.0F}}, 1).suspects.size(); }),
      "labels of 1 classes cannot be doubted: two at least were expected");
}

}  // namespace
}  // namespace fer
