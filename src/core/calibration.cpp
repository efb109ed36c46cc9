#include "fer/core/calibration.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "fer/core/error.hpp"

namespace fer {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"none", "temperature", "vector"};

std::vector<float> softmax_of(std::span<const double> logits) {
  std::vector<float> probabilities(logits.size());
  if (logits.empty()) return probabilities;
  const double highest = std::ranges::max(logits);
  double sum = 0;
  for (const double logit : logits) sum += std::exp(logit - highest);
  std::ranges::transform(logits, probabilities.begin(),
                         [&](double logit) { return static_cast<float>(std::exp(logit - highest) / sum); });
  return probabilities;
}

std::vector<double> scaled(std::span<const float> logits, const Calibration& calibration) {
  const auto& [method, temperature, scale, bias] = calibration;
  if (scale.size() != logits.size() || bias.size() != logits.size()) {
    throw failure("{} scales and {} biases cannot calibrate {} classes", scale.size(), bias.size(),
                  logits.size());
  }
  std::vector<double> result;
  for (std::size_t k = 0; k < logits.size(); ++k) result.push_back(scale[k] * logits[k] + bias[k]);
  return result;
}

}  // namespace

std::string_view name_of(CalibrationMethod method) { return kNames.at(static_cast<std::size_t>(method)); }

CalibrationMethod calibration_method(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name);
  if (found == kNames.end()) throw usage_error("'{}' is none of none, temperature, vector", name);
  return static_cast<CalibrationMethod>(found - kNames.begin());
}

std::vector<float> softmax(std::span<const float> logits) { return calibrated(logits, {}); }

std::vector<float> calibrated(std::span<const float> logits, const Calibration& calibration) {
  if (calibration.method == CalibrationMethod::vector) return softmax_of(scaled(logits, calibration));
  const double temperature =
      calibration.method == CalibrationMethod::temperature ? calibration.temperature : 1.0;
  std::vector<double> divided;
  for (const float logit : logits) divided.push_back(logit / temperature);
  return softmax_of(divided);
}

}  // namespace fer
