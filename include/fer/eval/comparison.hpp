#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fer/eval/interval.hpp"
#include "fer/eval/metric_intervals.hpp"
#include "fer/eval/metrics.hpp"

namespace fer {

/// McNemar's test (1947): are samples that one classifier alone gets right as many as those that the other
/// alone does? It takes samples to be independent.
struct McNemar {
  std::int64_t only_first = 0;   ///< samples that the first alone gets right
  std::int64_t only_second = 0;  ///< samples that the second alone gets right
  bool exact = true;             ///< the binomial test, for fewer than 25 such samples; else chi-squared
  double chi_squared = 0;        ///< one degree of freedom, continuity-corrected (Edwards 1948); 0 if exact
  double p = 1;                  ///< two-sided

  /// Effect size: Cohen's g (1988, ch. 5), the first's share of these samples minus one half, -0.5..0.5,
  /// above 0 where the first is better. 0.05 is small, 0.15 medium, 0.25 large. 0 where there are no such
  /// samples.
  double g = 0;
};

/// Throws a failure for a negative count.
McNemar mcnemar(std::int64_t only_first, std::int64_t only_second);

/// How much more of a figure the first has than the second.
struct Difference {
  double value = 0;
  std::optional<Interval> interval;  ///< 95 %; nothing where there are fewer than two clusters
  /// Two-sided, by bootstrap: twice the share of resamples on the other side of 0 (Davison & Hinkley 1997,
  /// 4.4), so below 0.05 about where the interval leaves 0 out. Never below 2 / (resamples + 1). 1 without
  /// interval.
  double p = 1;
};

/// Two models: the first less the second.
struct PairComparison {
  std::size_t first = 0;  ///< index of the model
  std::size_t second = 0;
  Difference accuracy;
  Difference macro_f1;
  McNemar mcnemar;
  double p_holm = 1;  ///< McNemar's p, corrected over all pairs

  /// The corrected p is below 0.05, and the accuracy difference's interval leaves out 0: samples of one
  /// subject are not independent, so McNemar's test alone is too sure where there are several of each.
  bool differs = false;
};

/// One model by itself.
struct ModelFigures {
  Metrics metrics;
  std::optional<MetricIntervals> intervals;  ///< nothing where there are fewer than two clusters
};

/// Models on the same samples: each by itself, and in pairs.
struct Comparison {
  std::string by;            ///< what was drawn as a whole: "subject", "video" or "sample"
  std::size_t clusters = 0;  ///< how many of them there are
  int resamples = 0;
  std::vector<ModelFigures> models;
  std::vector<PairComparison> pairs;  ///< each model with each later one
};

/// What is compared: the same samples, in the same order, for all.
struct ComparedSamples {
  std::vector<int> labels;
  Clusters clusters;
  int classes = 0;
};

/// A model's probabilities: a row for each sample.
using ProbabilityRows = std::vector<std::vector<float>>;

/// Every model by itself and each pair of them, all from the same resamples. Throws as evaluate() and
/// metric_intervals() do.
Comparison compare_models(const ComparedSamples& samples, std::span<const ProbabilityRows> models,
                          const BootstrapOptions& options = {});

}  // namespace fer
