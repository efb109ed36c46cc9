#include "fer/eval/reliability.hpp"

#include <gmock/gmock.h>

#include <numeric>

#include "fer/core/calibration.hpp"
#include "fer/eval/evaluation.hpp"
#include "support/golden.hpp"

namespace fer {
namespace {

using Rows = std::vector<std::vector<float>>;

Rows softmaxes(const Rows& logits) {
  Rows rows;
  for (const auto& row : logits) rows.push_back(softmax(row));
  return rows;
}

TEST(Reliability, equals_numpys_bins_and_errors) {
  for (const auto& one : golden_json("calibration.json", "cases")) {
    SCOPED_TRACE(one.at("name"));
    const auto labels = one.at("labels").get<std::vector<int>>();
    const Rows rows = softmaxes(one.at("logits").get<Rows>());
    const auto bins = reliability(labels, rows);
    ASSERT_EQ(std::ssize(bins), kReliabilityBins);
    for (std::size_t k = 0; k < bins.size(); ++k) {
      const auto& expected = one.at("bins")[k];
      EXPECT_EQ(bins[k].samples, expected[0].get<std::int64_t>()) << k;
      EXPECT_NEAR(bins[k].confidence, expected[1].get<double>(), 1e-6) << k;
      EXPECT_NEAR(bins[k].accuracy, expected[2].get<double>(), 1e-12) << k;
    }
    EXPECT_NEAR(calibration_error(bins), one.at("ece").get<double>(), 1e-6);
    EXPECT_NEAR(classwise_calibration_error(labels, rows), one.at("classwise_ece").get<double>(), 1e-6);
  }
}

TEST(Reliability, bins_are_open_below_and_closed_above) {
  const std::vector<int> labels = {0, 0, 0};
  const auto bins = reliability(labels, Rows{{0.6F, 0.4F}, {0.61F, 0.39F}, {1, 0}});
  EXPECT_EQ(bins[8].samples + bins[9].samples, 2);  // 0.6 as a float is a little above 9/15
  EXPECT_EQ(bins[14].samples, 1);
  EXPECT_EQ(bins[14].high, 1);
  EXPECT_EQ(bins[14].accuracy_ci95, wilson_interval(1, 1));
  EXPECT_EQ(bins[0].samples, 0);
  EXPECT_EQ(bins[0].accuracy_ci95, (Interval{.low = 0, .high = 1}));
  const auto half = reliability(std::vector<int>{0}, Rows{{0.2F, 0.2F, 0.2F, 0.2F, 0.2F}});
  EXPECT_EQ(half[3].samples, 1);  // 0.2 as a float is a little above 3/15
}

TEST(Reliability, of_nothing_has_no_error) {
  EXPECT_EQ(calibration_error(reliability({}, {})), 0);
  EXPECT_EQ(classwise_calibration_error({}, {}), 0);
}

TEST(EvaluateSamples, tells_what_calibration_changed_where_it_is_known) {
  const ClassList classes({"happy", "sad"});
  ScoredSamples scored;
  scored.paths = {"a", "b", "c"};
  scored.labels = {0, 1, 1};
  scored.probabilities = {{0.7F, 0.3F}, {0.6F, 0.4F}, {0.2F, 0.8F}};
  scored.subjects = {"", "", ""};
  EXPECT_FALSE(evaluate_samples(scored, classes).uncalibrated);
  scored.uncalibrated = {{1, 0}, {1, 0}, {0, 1}};
  const Evaluation evaluation = evaluate_samples(scored, classes);
  ASSERT_TRUE(evaluation.uncalibrated);
  EXPECT_NEAR(evaluation.uncalibrated->metrics.ece, 1.0 / 3, 1e-9);
  EXPECT_EQ(evaluation.uncalibrated->reliability[14].samples, 3);
  EXPECT_NEAR(evaluation.metrics.ece, calibration_error(evaluation.reliability), 1e-12);
  EXPECT_EQ(evaluation.reliability[14].samples, 0);
  scored.uncalibrated.pop_back();
  EXPECT_ANY_THROW(evaluate_samples(scored, classes));
}

}  // namespace
}  // namespace fer
