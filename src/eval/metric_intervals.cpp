#include "fer/eval/metric_intervals.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

#include "check.hpp"
#include "metric_resamples.hpp"

namespace fer {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// The interval of a figure: a member of Metrics or a function of it.
template <class Figure>
std::optional<Interval> interval_of(std::span<const Metrics> resamples, Figure figure) {
  std::vector<double> values;
  for (const Metrics& metrics : resamples) values.push_back(std::invoke(figure, metrics));
  return percentile_interval(std::move(values));
}

/// The percentiles mirrored at the estimate, not below 0.
std::optional<Interval> basic_interval(std::optional<Interval> percentiles, double estimate) {
  if (!percentiles) return std::nullopt;
  return Interval{.low = std::max(0.0, 2 * estimate - percentiles->high),
                  .high = std::max(0.0, 2 * estimate - percentiles->low)};
}

ClassIntervals class_intervals(std::span<const Metrics> resamples, std::size_t k) {
  const auto labelled = [k](const Metrics& metrics) { return metrics.per_class[k].support; };
  const auto predicted = [k](const Metrics& metrics) {
    return std::accumulate(
        metrics.confusion.begin(), metrics.confusion.end(), std::int64_t{0},
        [k](std::int64_t sum, const std::vector<std::int64_t>& row) { return sum + row[k]; });
  };
  return {.precision = interval_of(resamples,
                                   [&](const Metrics& metrics) {
                                     return predicted(metrics) > 0 ? metrics.per_class[k].precision : kNone;
                                   }),
          .recall = interval_of(resamples,
                                [&](const Metrics& metrics) {
                                  return labelled(metrics) > 0 ? metrics.per_class[k].recall : kNone;
                                }),
          .f1 = interval_of(resamples, [&](const Metrics& metrics) {
            return labelled(metrics) + predicted(metrics) > 0 ? metrics.per_class[k].f1 : kNone;
          })};
}

}  // namespace

MetricIntervals intervals_from(std::span<const Metrics> resamples, const Metrics& metrics) {
  const auto of = [&](double Metrics::*figure) { return interval_of(resamples, figure); };
  MetricIntervals intervals{.by = {},
                            .clusters = 0,
                            .resamples = static_cast<int>(resamples.size()),
                            .accuracy = of(&Metrics::accuracy),
                            .balanced_accuracy = of(&Metrics::balanced_accuracy),
                            .macro_precision = of(&Metrics::macro_precision),
                            .macro_recall = of(&Metrics::macro_recall),
                            .macro_f1 = of(&Metrics::macro_f1),
                            .weighted_precision = of(&Metrics::weighted_precision),
                            .weighted_recall = of(&Metrics::weighted_recall),
                            .weighted_f1 = of(&Metrics::weighted_f1),
                            .kappa = of(&Metrics::kappa),
                            .nll = of(&Metrics::nll),
                            .brier = of(&Metrics::brier),
                            .ece = basic_interval(of(&Metrics::ece), metrics.ece),
                            .per_class = {}};
  for (std::size_t k = 0; k < metrics.per_class.size(); ++k)
    intervals.per_class.push_back(class_intervals(resamples, k));
  return intervals;
}

std::optional<MetricIntervals> metric_intervals(std::span<const int> labels,
                                                std::span<const std::vector<float>> probabilities,
                                                int classes, const Clusters& clusters,
                                                const BootstrapOptions& options) {
  const Metrics metrics = evaluate(labels, probabilities, classes);
  check_clusters(clusters.names, labels.size());
  const Resampling resampling(clusters.names);
  if (resampling.clusters() < 2) return std::nullopt;
  const auto scores = score_samples(labels, probabilities);
  MetricIntervals intervals = intervals_from(metric_resamples(scores, classes, resampling, options), metrics);
  intervals.by = clusters.by;
  intervals.clusters = resampling.clusters();
  return intervals;
}

}  // namespace fer
