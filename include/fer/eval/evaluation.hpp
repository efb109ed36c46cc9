#pragma once

#include <optional>
#include <vector>

#include "fer/core/labels.hpp"
#include "fer/eval/confused_pairs.hpp"
#include "fer/eval/groups.hpp"
#include "fer/eval/metric_intervals.hpp"
#include "fer/eval/metrics.hpp"
#include "fer/eval/reliability.hpp"
#include "fer/eval/scored_samples.hpp"

namespace fer {

/// What the samples amount to before calibration.
struct UncalibratedEvaluation {
  Metrics metrics;
  std::vector<ReliabilityBin> reliability;
};

/// Everything a report says of scored samples.
struct Evaluation {
  Metrics metrics;
  std::vector<GroupMetrics> groups;               ///< by every attribute and measure, see analyse_groups()
  std::vector<GroupGap> gaps;                     ///< of the same, see group_gaps()
  std::vector<ConfusedPair> confused;             ///< most samples first
  std::optional<WrongAnswer> neutral;             ///< where there is such a class, and samples of others
  std::optional<MetricIntervals> intervals = {};  ///< by subject where known; nothing for one cluster alone
  std::vector<ReliabilityBin> reliability = {};
  std::optional<UncalibratedEvaluation> uncalibrated = {};  ///< nothing where its probabilities are not known
};

/// The accuracy's 95 % interval, and by what it was found.
struct AccuracyInterval {
  Interval ci95;
  std::size_t subjects = 0;  ///< 0: Wilson's
};

/// By subject where at least five are known, as people are what varies from one data set to the next, but
/// never narrower than Wilson's, as few people may happen to fare alike; else Wilson's.
AccuracyInterval accuracy_interval(const Evaluation& evaluation);

/// Throws as evaluate() and analyse_groups() do, for probabilities before calibration as for those after it.
/// `progress` counts resamples, which are what takes time.
Evaluation evaluate_samples(const ScoredSamples& scored, const ClassList& classes,
                            const ProgressFn& progress = {});

}  // namespace fer
