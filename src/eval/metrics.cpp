#include "fer/eval/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "check.hpp"
#include "fer/core/error.hpp"
#include "fer/eval/reliability.hpp"
#include "metric_sums.hpp"

namespace fer {
namespace {

void check_probabilities(std::span<const std::vector<float>> rows) {
  constexpr double kTolerance = 1e-2;  // half-precision rounding
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double sum = std::accumulate(rows[i].begin(), rows[i].end(), 0.0);
    const auto [low, high] = std::ranges::minmax(rows[i]);
    if (low < 0 || high > 1 + kTolerance || std::abs(sum - 1) > kTolerance) {
      throw data_error("sample {}: values from {} to {} with sum {} are no probabilities", i, low, high, sum);
    }
  }
}

}  // namespace

int predicted_class(std::span<const float> probabilities) {
  return static_cast<int>(std::ranges::max_element(probabilities) - probabilities.begin());
}

Metrics evaluate(std::span<const int> labels, std::span<const std::vector<float>> probabilities,
                 int classes) {
  check_rows(labels, probabilities, classes);
  check_probabilities(probabilities);
  MetricSums sums(classes);
  for (const SampleScore& score : score_samples(labels, probabilities)) sums.add(score);
  Metrics metrics = sums.metrics();
  metrics.classwise_ece = classwise_calibration_error(labels, probabilities);
  return metrics;
}

double expected_calibration_error(std::span<const int> labels,
                                  std::span<const std::vector<float>> probabilities) {
  return calibration_error(reliability(labels, probabilities));
}

}  // namespace fer
