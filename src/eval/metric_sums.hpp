#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "fer/eval/metrics.hpp"
#include "fer/eval/reliability.hpp"

namespace fer {

/// What one sample adds to the sums that metrics are made of.
struct SampleScore {
  std::uint32_t label = 0;
  std::uint32_t predicted = 0;
  std::uint32_t bin = 0;  ///< of its confidence
  double surplus = 0;     ///< confidence minus 1 where it is right, minus 0 where not
  double nll = 0;
  double brier = 0;
};

/// labels and probabilities as evaluate() takes them, already checked.
std::vector<SampleScore> score_samples(std::span<const int> labels,
                                       std::span<const std::vector<float>> probabilities);

/// The metrics of any samples, one of which may be added several times.
class MetricSums {
 public:
  explicit MetricSums(int classes);

  void add(const SampleScore& score) {
    ++counts_[score.label * classes_ + score.predicted];
    surplus_[score.bin] += score.surplus;
    nll_ += score.nll;
    brier_ += score.brier;
  }

  /// Of the samples added; at least one.
  Metrics metrics() const;

 private:
  std::size_t classes_;
  std::vector<std::int64_t> counts_;  ///< label after label
  std::array<double, kReliabilityBins> surplus_ = {};
  double nll_ = 0;
  double brier_ = 0;
};

}  // namespace fer
