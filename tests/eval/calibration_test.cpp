#include "fer/eval/calibration.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "fer/core/error.hpp"
#include "fer/core/random.hpp"
#include "fer/eval/metrics.hpp"
#include "golden.hpp"

namespace fer {
namespace {

using ::testing::FloatNear;
using ::testing::Pointwise;
using Rows = std::vector<std::vector<float>>;

Calibration at_temperature(double temperature) {
  return {.method = CalibrationMethod::temperature, .temperature = temperature};
}

TEST(Softmax, divides_by_the_temperature) {
  const std::vector<float> logits = {0, std::log(3.0F), std::log(6.0F)};
  const std::vector<float> plain = {0.1F, 0.3F, 0.6F};
  const std::vector<float> squared = {1.0F / 46, 9.0F / 46, 36.0F / 46};
  EXPECT_THAT(softmax(logits), Pointwise(FloatNear(1e-6F), plain));
  EXPECT_THAT(calibrated(logits, at_temperature(0.5)), Pointwise(FloatNear(1e-6F), squared));
}

TEST(Softmax, survives_logits_of_any_size) {
  const std::vector<float> huge = {3e38F, -3e38F, 3e38F};
  EXPECT_THAT(calibrated(huge, at_temperature(0.05)), ::testing::ElementsAre(0.5F, 0.0F, 0.5F));
  EXPECT_TRUE(softmax({}).empty());
}

TEST(Temperature, equals_that_of_a_general_minimiser) {
  for (const auto& one : golden().at("temperatures")) {
    const auto labels = one.at("labels").get<std::vector<int>>();
    const double expected = one.at("temperature");
    EXPECT_NEAR(fit_temperature(labels, one.at("logits").get<Rows>()), expected, 1e-4 * expected)
        << one.at("name");
  }
}

/// Logits that are `temperature` times too large for the labels drawn from them.
struct Miscalibrated {
  std::vector<int> labels;
  Rows logits;

  Miscalibrated(double temperature, int samples) {
    Rng rng(3);
    for (int i = 0; i < samples; ++i) {
      std::vector<float> row(7);
      for (float& logit : row) logit = static_cast<float>(2 * temperature * rng.normal());
      double left = rng.uniform();
      int label = 0;
      for (const float p : calibrated(row, at_temperature(temperature))) {
        left -= p;
        if (left < 0 || label == 6) break;
        ++label;
      }
      labels.push_back(label);
      logits.push_back(std::move(row));
    }
  }

  double calibration_error(double temperature) const {
    Rows probabilities;
    for (const auto& row : logits) probabilities.push_back(calibrated(row, at_temperature(temperature)));
    return evaluate(labels, probabilities, 7).ece;
  }
};

TEST(Temperature, is_recovered_and_mends_the_calibration) {
  for (const double temperature : {0.2, 1.0, 3.5, 12.0}) {
    const Miscalibrated data(temperature, 20000);
    const double fitted = fit_temperature(data.labels, data.logits);
    EXPECT_NEAR(fitted / temperature, 1, 0.03);
    EXPECT_LT(data.calibration_error(fitted), 0.015) << temperature;
  }
  EXPECT_GT(Miscalibrated(3.5, 20000).calibration_error(1.0), 0.1);
}

TEST(Temperature, stays_one_where_no_sample_is_wrong) {
  const std::vector<int> labels = {0, 1, 2};
  EXPECT_EQ(fit_temperature(labels, Rows{{9, 0, 1}, {0, 3, 1}, {-1, 0, 5}}), 1);
  EXPECT_EQ(fit_temperature(labels, Rows{{900, 0, 1}, {0, 300, 1}, {-100, 0, 500}}), 1);
}

TEST(Temperature, ends_at_the_upper_bound_for_a_model_worse_than_chance) {
  const std::vector<int> labels = {0, 1};
  EXPECT_NEAR(fit_temperature(labels, Rows{{0, 4}, {4, 0}}), 20, 1e-3);
}

TEST(Temperature, refuses_what_cannot_be_fitted) {
  const std::vector<int> labels = {0, 3};
  EXPECT_THROW(fit_temperature({}, {}), Error);
  EXPECT_THROW(fit_temperature(labels, Rows{{1, 0}}), Error);
  EXPECT_THROW(fit_temperature(labels, Rows{{1, 0}, {1, 0}}), Error);
  EXPECT_THROW(fit_temperature(labels, Rows{{std::numeric_limits<float>::infinity(), 0, 0, 0}, {0, 0, 0, 1}}),
               Error);
}

}  // namespace
}  // namespace fer
