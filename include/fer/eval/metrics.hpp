#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fer/eval/interval.hpp"

namespace fer {

/// counts[label][predicted], square.
using Confusion = std::vector<std::vector<std::int64_t>>;

/// Each is 0 where its denominator is 0 (scikit-learn's zero_division=0).
struct ClassMetrics {
  double precision = 0;
  double recall = 0;
  double f1 = 0;
  std::int64_t support = 0;  ///< samples with this label
};

/// Shares are 0..1. "Macro" is the plain mean over the classes that occur as a label or as a prediction;
/// a class that does neither counts nowhere.
struct Metrics {
  std::int64_t samples = 0;
  double accuracy = 0;
  Interval accuracy_ci95;        ///< Wilson's
  double balanced_accuracy = 0;  ///< mean recall over the classes that occur as a label
  double macro_precision = 0;
  double macro_recall = 0;
  double macro_f1 = 0;
  double weighted_precision = 0;        ///< mean over the classes, weighted by support
  double weighted_recall = 0;           ///< likewise; the same as the accuracy
  double weighted_f1 = 0;               ///< likewise
  double kappa = 0;                     ///< Cohen's, unweighted; NaN where agreement by chance is already 1
  std::vector<ClassMetrics> per_class;  ///< every class, in class order
  Confusion confusion;
  double nll = 0;    ///< mean of -ln p(label) in nats; p is taken as 1e-12 where it is smaller
  double brier = 0;  ///< mean over samples of the squared error summed over classes, 0..2
  double ece = 0;    ///< expected calibration error (Guo et al. 2017), see expected_calibration_error()
  double classwise_ece = 0;  ///< see classwise_calibration_error()
};

/// The class with the highest probability, the first of equals.
int predicted_class(std::span<const float> probabilities);

/// labels[i] in 0..classes-1; probabilities[i]: `classes` values in 0..1 that sum to 1.
/// Throws a data error that names the first sample that breaks this, and for no samples at all;
/// a failure for a value that is not finite and for two lists of different length.
Metrics evaluate(std::span<const int> labels, std::span<const std::vector<float>> probabilities, int classes);

/// The calibration_error() of the samples' reliability() in 15 bins.
double expected_calibration_error(std::span<const int> labels,
                                  std::span<const std::vector<float>> probabilities);

}  // namespace fer
