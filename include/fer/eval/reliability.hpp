#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fer/eval/interval.hpp"

namespace fer {

inline constexpr int kReliabilityBins = 15;

/// The bin of a confidence, 0-based: (k/15, (k+1)/15]; 0 is in the first.
int reliability_bin(double confidence);

/// Predictions that were about as sure as each other, and how often they were right.
struct ReliabilityBin {
  double low = 0;  ///< confidence in (low, high]
  double high = 0;
  std::int64_t samples = 0;
  double confidence = 0;                           ///< mean; 0 without samples
  double accuracy = 0;                             ///< 0 without samples
  Interval accuracy_ci95 = {.low = 0, .high = 1};  ///< Wilson's
};

/// The predictions by their confidence, the highest probability, in kReliabilityBins bins of equal width,
/// empty ones included. labels and probabilities as in evaluate().
std::vector<ReliabilityBin> reliability(std::span<const int> labels,
                                        std::span<const std::vector<float>> probabilities);

/// The mean distance between confidence and accuracy, weighted by the bins' samples: the expected calibration
/// error (Guo et al. 2017). 0 without samples.
double calibration_error(std::span<const ReliabilityBin> bins);

/// The same for each class's probability as a statement about that class, right or wrong, in the same bins,
/// averaged over classes (Kull et al. 2019): what a prediction's runners-up are worth.
double classwise_calibration_error(std::span<const int> labels,
                                   std::span<const std::vector<float>> probabilities);

}  // namespace fer
