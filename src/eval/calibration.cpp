#include "fer/eval/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

#include "check.hpp"
#include "vector_scaling.hpp"

namespace fer {
namespace {

constexpr double kLowest = 0.05;
constexpr double kHighest = 20;

/// ln of the sum of exp(logit / temperature), relative to the highest logit so that nothing overflows.
double log_sum_exp(std::span<const float> logits, double highest, double temperature) {
  double sum = 0;
  for (const float logit : logits) sum += std::exp((logit - highest) / temperature);
  return std::log(sum);
}

double mean_nll(std::span<const int> labels, std::span<const std::vector<float>> logits, double temperature) {
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double highest = std::ranges::max(logits[i]);
    const double own = logits[i][static_cast<std::size_t>(labels[i])];
    sum += log_sum_exp(logits[i], highest, temperature) - (own - highest) / temperature;
  }
  return sum / static_cast<double>(labels.size());
}

/// Nothing where the likelihood rises all the way to the lower bound.
std::optional<double> likeliest_temperature(std::span<const int> labels,
                                            std::span<const std::vector<float>> logits) {
  check_rows(labels, logits, logits.empty() ? 0 : static_cast<int>(logits.front().size()));

  // The loss is convex in 1/T, so it has one valley in ln T: golden-section search.
  const auto loss = [&](double log_temperature) {
    return mean_nll(labels, logits, std::exp(log_temperature));
  };
  constexpr double kShrink = 1 / std::numbers::phi;
  double low = std::log(kLowest);
  double high = std::log(kHighest);
  double left = high - kShrink * (high - low);
  double right = low + kShrink * (high - low);
  double left_loss = loss(left);
  double right_loss = loss(right);
  while (high - low > 1e-6) {
    // A tie is a plateau at the bottom of the floating-point range: towards the lower bound.
    if (left_loss <= right_loss) {
      high = std::exchange(right, left);
      right_loss = left_loss;
      left = high - kShrink * (high - low);
      left_loss = loss(left);
    } else {
      low = std::exchange(left, right);
      left_loss = right_loss;
      right = low + kShrink * (high - low);
      right_loss = loss(right);
    }
  }
  const double temperature = std::exp((low + high) / 2);
  if (temperature < kLowest * 1.001) return std::nullopt;
  return temperature;
}

Calibration nothing_changed(std::size_t classes) {
  return {.method = CalibrationMethod::vector,
          .scale = std::vector<double>(classes, 1.0),
          .bias = std::vector<double>(classes, 0.0)};
}

}  // namespace

double fit_temperature(std::span<const int> labels, std::span<const std::vector<float>> logits) {
  return likeliest_temperature(labels, logits).value_or(1.0);
}

Calibration fit_calibration(CalibrationMethod method, std::span<const int> labels,
                            std::span<const std::vector<float>> logits) {
  const auto temperature = likeliest_temperature(labels, logits);
  if (method == CalibrationMethod::none) return {};
  if (method == CalibrationMethod::vector) {
    if (!temperature) return nothing_changed(logits.front().size());
    if (auto fitted = fit_vector_scaling(labels, logits, *temperature)) return std::move(*fitted);
  }
  return {.method = CalibrationMethod::temperature, .temperature = temperature.value_or(1.0)};
}

}  // namespace fer
