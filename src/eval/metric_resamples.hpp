#pragma once

#include <span>
#include <vector>

#include "fer/eval/metric_intervals.hpp"
#include "metric_sums.hpp"
#include "resampling.hpp"

namespace fer {

/// The metrics of each resample. The same clusters and options draw the same samples, whatever the scores, so
/// that resamples of two models of the same data belong together pair by pair.
std::vector<Metrics> metric_resamples(std::span<const SampleScore> scores, int classes,
                                      const Resampling& resampling, const BootstrapOptions& options);

/// The intervals that resamples give metrics, see metric_intervals(); without a word on clusters.
MetricIntervals intervals_from(std::span<const Metrics> resamples, const Metrics& metrics);

}  // namespace fer
