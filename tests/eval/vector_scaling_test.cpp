#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "fer/core/random.hpp"
#include "fer/eval/calibration.hpp"
#include "fer/eval/metrics.hpp"
#include "support/golden.hpp"

namespace fer {
namespace {

using ::testing::DoubleNear;
using ::testing::Each;
using ::testing::Pointwise;
using Rows = std::vector<std::vector<float>>;

Rows calibrated_rows(const Rows& logits, const Calibration& calibration) {
  Rows rows;
  for (const auto& row : logits) rows.push_back(calibrated(row, calibration));
  return rows;
}

double nll(const std::vector<int>& labels, const Rows& logits, const Calibration& calibration) {
  return evaluate(labels, calibrated_rows(logits, calibration), static_cast<int>(logits[0].size())).nll;
}

int predictions_changed(const Rows& logits, const Calibration& calibration) {
  return static_cast<int>(std::ranges::count_if(logits, [&](const auto& row) {
    return predicted_class(row) != predicted_class(calibrated(row, calibration));
  }));
}

/// Logits that lean to the first class far more than the labels do.
struct Leaning {
  std::vector<int> labels;
  Rows logits;

  explicit Leaning(int samples) {
    Rng rng(11);
    for (int i = 0; i < samples; ++i) {
      const int label = i % 3;
      std::vector<float> row(3);
      for (float& logit : row) logit = static_cast<float>(rng.normal());
      row[static_cast<std::size_t>(label)] += 3;
      row[0] += 4;
      labels.push_back(label);
      logits.push_back(std::move(row));
    }
  }
};

TEST(VectorScaling, equals_that_of_a_general_minimiser) {
  for (const auto& one : golden_json("calibration.json", "cases")) {
    SCOPED_TRACE(one.at("name"));
    const auto labels = one.at("labels").get<std::vector<int>>();
    const auto logits = one.at("logits").get<Rows>();
    const double temperature = one.at("temperature");
    EXPECT_NEAR(fit_temperature(labels, logits), temperature, 1e-5 * temperature);
    const Calibration fitted = fit_calibration(CalibrationMethod::vector, labels, logits);
    ASSERT_EQ(fitted.method, CalibrationMethod::vector);
    const auto scale = one.at("scale").get<std::vector<double>>();
    EXPECT_THAT(fitted.scale, Pointwise(DoubleNear(1e-5 * scale[0]), scale));
    EXPECT_THAT(fitted.bias, Pointwise(DoubleNear(1e-5), one.at("bias").get<std::vector<double>>()));
  }
}

TEST(VectorScaling, fits_no_worse_than_the_temperature_and_that_no_worse_than_nothing) {
  for (const auto& one : golden_json("calibration.json", "cases")) {
    SCOPED_TRACE(one.at("name"));
    const auto labels = one.at("labels").get<std::vector<int>>();
    const auto logits = one.at("logits").get<Rows>();
    const auto expected = one.at("nll").get<std::vector<double>>();
    std::vector<double> found;
    for (const auto method :
         {CalibrationMethod::none, CalibrationMethod::temperature, CalibrationMethod::vector}) {
      found.push_back(nll(labels, logits, fit_calibration(method, labels, logits)));
    }
    EXPECT_THAT(found, Pointwise(DoubleNear(1e-5), expected));
    EXPECT_LE(found[2], found[1] + 1e-9);
    EXPECT_LE(found[1], found[0] + 1e-9);
  }
}

TEST(VectorScaling, may_change_predictions_which_a_temperature_never_does) {
  const Leaning data(600);
  const auto vector = fit_calibration(CalibrationMethod::vector, data.labels, data.logits);
  const auto temperature = fit_calibration(CalibrationMethod::temperature, data.labels, data.logits);
  EXPECT_GT(predictions_changed(data.logits, vector), 50);
  EXPECT_EQ(predictions_changed(data.logits, temperature), 0);
  for (const auto& one : golden_json("calibration.json", "cases")) {
    const auto logits = one.at("logits").get<Rows>();
    const auto labels = one.at("labels").get<std::vector<int>>();
    EXPECT_EQ(predictions_changed(logits, fit_calibration(CalibrationMethod::temperature, labels, logits)),
              0);
  }
}

TEST(VectorScaling, stays_near_the_temperature_where_samples_are_few) {
  const auto distance = [](int samples) {
    const Leaning data(samples);
    return std::abs(fit_calibration(CalibrationMethod::vector, data.labels, data.logits).bias[0]);
  };
  EXPECT_LT(distance(6), 0.2);
  EXPECT_GT(distance(6000), 1.5);
}

TEST(VectorScaling, changes_nothing_where_no_sample_is_wrong) {
  const std::vector<int> labels = {0, 1, 2};
  const auto fitted =
      fit_calibration(CalibrationMethod::vector, labels, Rows{{9, 0, 1}, {0, 3, 1}, {-1, 0, 5}});
  EXPECT_EQ(fitted.method, CalibrationMethod::vector);
  EXPECT_THAT(fitted.scale, Each(1));
  EXPECT_THAT(fitted.bias, Each(0));
}

TEST(VectorScaling, of_logits_beyond_measure_is_the_temperature) {
  const std::vector<int> labels = {0, 1, 0, 1};
  const auto fitted = fit_calibration(CalibrationMethod::vector, labels,
                                      Rows{{-3e38F, 3e38F}, {3e38F, 0}, {3e38F, -3e38F}, {0, 2e38F}});
  EXPECT_EQ(fitted.method, CalibrationMethod::temperature);
  EXPECT_NEAR(fitted.temperature, 20, 1e-3);
}

TEST(VectorScaling, is_the_same_every_time) {
  const Leaning data(300);
  EXPECT_EQ(fit_calibration(CalibrationMethod::vector, data.labels, data.logits),
            fit_calibration(CalibrationMethod::vector, data.labels, data.logits));
}

}  // namespace
}  // namespace fer
