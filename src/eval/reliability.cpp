#include "fer/eval/reliability.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "fer/eval/metrics.hpp"

namespace fer {
namespace {

/// Sums samples into bins.
class BinSums {
 public:
  BinSums() : sums_(kReliabilityBins) {}

  void add(double confidence, bool right) {
    Sums& sums = sums_[static_cast<std::size_t>(reliability_bin(confidence))];
    ++sums.samples;
    sums.right += right;
    sums.confidence += confidence;
  }

  std::vector<ReliabilityBin> means() const {
    std::vector<ReliabilityBin> bins;
    for (const auto& [samples, right, confidence] : sums_) {
      const auto index = static_cast<double>(bins.size());
      ReliabilityBin& bin = bins.emplace_back();
      bin.low = index / kReliabilityBins;
      bin.high = (index + 1) / kReliabilityBins;
      bin.samples = samples;
      if (samples == 0) continue;
      bin.confidence = confidence / static_cast<double>(samples);
      bin.accuracy = static_cast<double>(right) / static_cast<double>(samples);
      bin.accuracy_ci95 = wilson_interval(right, samples);
    }
    return bins;
  }

 private:
  struct Sums {
    std::int64_t samples = 0;
    std::int64_t right = 0;
    double confidence = 0;
  };
  std::vector<Sums> sums_;
};

}  // namespace

int reliability_bin(double confidence) {
  return std::clamp(static_cast<int>(std::ceil(confidence * kReliabilityBins)) - 1, 0, kReliabilityBins - 1);
}

std::vector<ReliabilityBin> reliability(std::span<const int> labels,
                                        std::span<const std::vector<float>> probabilities) {
  BinSums bins;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const int predicted = predicted_class(probabilities[i]);
    bins.add(probabilities[i][static_cast<std::size_t>(predicted)], predicted == labels[i]);
  }
  return bins.means();
}

double calibration_error(std::span<const ReliabilityBin> bins) {
  double sum = 0;
  std::int64_t samples = 0;
  for (const ReliabilityBin& bin : bins) {
    sum += static_cast<double>(bin.samples) * std::abs(bin.confidence - bin.accuracy);
    samples += bin.samples;
  }
  return samples == 0 ? 0 : sum / static_cast<double>(samples);
}

double classwise_calibration_error(std::span<const int> labels,
                                   std::span<const std::vector<float>> probabilities) {
  if (labels.empty()) return 0;
  const std::size_t classes = probabilities.front().size();
  double sum = 0;
  for (std::size_t k = 0; k < classes; ++k) {
    BinSums bins;
    for (std::size_t i = 0; i < labels.size(); ++i)
      bins.add(probabilities[i][k], labels[i] == static_cast<int>(k));
    sum += calibration_error(bins.means());
  }
  return sum / static_cast<double>(classes);
}

}  // namespace fer
