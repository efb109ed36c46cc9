#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fer/eval/interval.hpp"
#include "fer/eval/metrics.hpp"

namespace fer {

/// 95 % intervals of one class's figures; nothing where no resample gives a value.
struct ClassIntervals {
  std::optional<Interval> precision;
  std::optional<Interval> recall;
  std::optional<Interval> f1;
};

/// 95 % bootstrap intervals of the figures of Metrics that have the same names. A figure has none where no
/// resample gives it a value (kappa of a single class).
struct MetricIntervals {
  std::string by;            ///< what was drawn as a whole: "subject", "video" or "sample"
  std::size_t clusters = 0;  ///< how many of them there are
  int resamples = 0;
  std::optional<Interval> accuracy;
  std::optional<Interval> balanced_accuracy;
  std::optional<Interval> macro_precision;
  std::optional<Interval> macro_recall;
  std::optional<Interval> macro_f1;
  std::optional<Interval> weighted_precision;
  std::optional<Interval> weighted_recall;
  std::optional<Interval> weighted_f1;
  std::optional<Interval> kappa;
  std::optional<Interval> nll;
  std::optional<Interval> brier;
  std::optional<Interval> ece;
  std::vector<ClassIntervals> per_class;  ///< from the resamples in which the class occurs, in class order
};

/// Draws whole clusters as bootstrap_interval() does, with the same seed the same ones, and takes
/// percentiles; but for the ECE, which noise can only raise, so that resamples give more than the data: its
/// interval is the basic one (Davison & Hinkley 1997, 5.2), the percentiles mirrored at the estimate, and 0
/// where below.
///
/// Labels and probabilities as evaluate() takes them; throws as it does, and a failure unless each sample has
/// a cluster. Nothing if there are fewer than two clusters. 36,000 samples take a second or two.
std::optional<MetricIntervals> metric_intervals(std::span<const int> labels,
                                                std::span<const std::vector<float>> probabilities,
                                                int classes, const Clusters& clusters,
                                                const BootstrapOptions& options = {});

}  // namespace fer
