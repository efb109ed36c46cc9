#include "fer/core/calibration.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "fer/core/error.hpp"

namespace fer {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::Pointwise;

const std::vector<float> kLogits = {0, std::log(3.0F), std::log(6.0F)};

TEST(Calibrated, by_no_method_is_the_softmax) {
  const std::vector<float> expected = {0.1F, 0.3F, 0.6F};
  EXPECT_THAT(calibrated(kLogits, {}), Pointwise(FloatNear(1e-6F), expected));
  EXPECT_EQ(calibrated(kLogits, {}), softmax(kLogits));
}

TEST(Calibrated, by_scale_and_bias_of_each_class) {
  const Calibration vector{
      .method = CalibrationMethod::vector, .scale = {5, 2, 1}, .bias = {std::log(4.0), 0, std::log(0.5)}};
  const std::vector<float> expected = {4.0F / 16, 9.0F / 16, 3.0F / 16};
  EXPECT_THAT(calibrated(kLogits, vector), Pointwise(FloatNear(1e-6F), expected));
}

TEST(Calibrated, of_the_same_scales_is_that_of_a_temperature) {
  const Calibration vector{.method = CalibrationMethod::vector, .scale = {0.5, 0.5, 0.5}, .bias = {1, 1, 1}};
  EXPECT_THAT(calibrated(kLogits, vector),
              Pointwise(FloatNear(1e-6F),
                        calibrated(kLogits, {.method = CalibrationMethod::temperature, .temperature = 2})));
}

TEST(Calibrated, refuses_another_number_of_classes) {
  const Calibration vector{.method = CalibrationMethod::vector, .scale = {1, 1}, .bias = {0, 0}};
  EXPECT_THROW(calibrated(kLogits, vector), Error);
}

TEST(CalibrationMethod, has_a_name_that_is_read_back) {
  for (const auto method :
       {CalibrationMethod::none, CalibrationMethod::temperature, CalibrationMethod::vector}) {
    EXPECT_EQ(calibration_method(name_of(method)), method);
  }
  EXPECT_EQ(name_of(CalibrationMethod::vector), "vector");
  EXPECT_THROW(calibration_method("platt"), Error);
}

}  // namespace
}  // namespace fer
