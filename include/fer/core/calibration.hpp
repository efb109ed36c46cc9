#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace fer {

/// How logits are turned into probabilities that say how often they are right.
enum class CalibrationMethod {
  none,         ///< taken as they are
  temperature,  ///< divided by one number
  vector,       ///< each class with a scale and a bias of its own (Guo et al. 2017)
};

/// "none", "temperature" or "vector".
std::string_view name_of(CalibrationMethod method);

/// Throws a usage error for another name than these.
CalibrationMethod calibration_method(std::string_view name);

/// What was fitted on validation data; what a method does not use is as it stands here.
struct Calibration {
  CalibrationMethod method = CalibrationMethod::none;
  double temperature = 1;          ///< above 0
  std::vector<double> scale = {};  ///< vector: in class order
  std::vector<double> bias = {};   ///< vector: in class order

  bool operator==(const Calibration&) const = default;
};

/// exp(logit), normalised to sum 1; any size of finite logits.
std::vector<float> softmax(std::span<const float> logits);

/// The softmax of logits / temperature or of scale * logits + bias, as the method says; any size of finite
/// logits. Throws a failure if the scales and biases are those of another number of classes.
std::vector<float> calibrated(std::span<const float> logits, const Calibration& calibration);

}  // namespace fer
