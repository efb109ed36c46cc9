#include "fer/eval/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "check.hpp"
#include "fer/core/error.hpp"
#include "fer/eval/holm.hpp"
#include "metric_resamples.hpp"

namespace fer {
namespace {

constexpr std::int64_t kFewest = 25;  // samples for which chi-squared is near enough
constexpr double kLevel = 0.05;

/// Twice P(X <= fewer) of a fair coin thrown `trials` times, at most 1.
double exact_p(std::int64_t fewer, std::int64_t trials) {
  double sum = 0;
  double ways = 1;
  for (std::int64_t heads = 0; heads <= fewer; ++heads) {
    sum += ways;
    ways *= static_cast<double>(trials - heads) / static_cast<double>(heads + 1);
  }
  return std::min(1.0, std::ldexp(sum, static_cast<int>(1 - trials)));
}

/// One model and what the resamples make of it.
struct Model {
  Metrics metrics;
  std::vector<SampleScore> scores;
  std::vector<Metrics> resamples;  ///< none where there are fewer than two clusters
};

Model model_of(const ComparedSamples& samples, const ProbabilityRows& rows, const Resampling& resampling,
               const BootstrapOptions& options) {
  Model model{.metrics = evaluate(samples.labels, rows, samples.classes),
              .scores = score_samples(samples.labels, rows),
              .resamples = {}};
  if (resampling.clusters() >= 2)
    model.resamples = metric_resamples(model.scores, samples.classes, resampling, options);
  return model;
}

ModelFigures figures_of(const Model& model, const Comparison& comparison) {
  ModelFigures figures{.metrics = model.metrics, .intervals = std::nullopt};
  if (model.resamples.empty()) return figures;
  figures.intervals = intervals_from(model.resamples, model.metrics);
  figures.intervals->by = comparison.by;
  figures.intervals->clusters = comparison.clusters;
  return figures;
}

McNemar mcnemar_of(std::span<const SampleScore> first, std::span<const SampleScore> second) {
  std::int64_t only_first = 0;
  std::int64_t only_second = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const bool first_right = first[i].predicted == first[i].label;
    const bool second_right = second[i].predicted == second[i].label;
    only_first += first_right && !second_right;
    only_second += second_right && !first_right;
  }
  return mcnemar(only_first, only_second);
}

Difference difference_in(double Metrics::*figure, const Model& first, const Model& second) {
  Difference difference{.value = first.metrics.*figure - second.metrics.*figure, .interval = std::nullopt};
  std::vector<double> drawn;
  for (std::size_t i = 0; i < first.resamples.size(); ++i)
    drawn.push_back(first.resamples[i].*figure - second.resamples[i].*figure);
  if (drawn.empty()) return difference;
  const auto below = std::ranges::count_if(drawn, [](double d) { return d <= 0; });
  const auto above = std::ranges::count_if(drawn, [](double d) { return d >= 0; });
  const auto rarer = static_cast<double>(std::min(below, above) + 1);
  difference.p = std::min(1.0, 2 * rarer / static_cast<double>(drawn.size() + 1));
  difference.interval = percentile_interval(std::move(drawn));
  return difference;
}

void correct(std::vector<PairComparison>& pairs) {
  std::vector<double> p;
  for (const PairComparison& pair : pairs) p.push_back(pair.mcnemar.p);
  const std::vector<double> corrected = holm_adjusted(p);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto& interval = pairs[i].accuracy.interval;
    pairs[i].p_holm = corrected[i];
    pairs[i].differs = corrected[i] < kLevel && interval && (interval->low > 0 || interval->high < 0);
  }
}

}  // namespace

McNemar mcnemar(std::int64_t only_first, std::int64_t only_second) {
  if (only_first < 0 || only_second < 0)
    throw failure("McNemar's test of {} and {} samples: expected counts", only_first, only_second);
  const std::int64_t trials = only_first + only_second;
  McNemar test{.only_first = only_first, .only_second = only_second, .exact = trials < kFewest};
  if (trials > 0) test.g = static_cast<double>(only_first) / static_cast<double>(trials) - 0.5;
  if (test.exact) {
    test.p = exact_p(std::min(only_first, only_second), trials);
  } else {
    const auto apart = static_cast<double>(std::max<std::int64_t>(0, std::abs(only_first - only_second) - 1));
    test.chi_squared = apart * apart / static_cast<double>(trials);
    test.p = std::erfc(std::sqrt(test.chi_squared / 2));
  }
  return test;
}

Comparison compare_models(const ComparedSamples& samples, std::span<const ProbabilityRows> models,
                          const BootstrapOptions& options) {
  check_clusters(samples.clusters.names, samples.labels.size());
  const Resampling resampling(samples.clusters.names);
  Comparison comparison{.by = samples.clusters.by,
                        .clusters = resampling.clusters(),
                        .resamples = options.resamples,
                        .models = {},
                        .pairs = {}};
  std::vector<Model> drawn;
  BootstrapOptions of_model = options;
  const auto resamples = static_cast<std::size_t>(options.resamples);
  for (const ProbabilityRows& rows : models) {
    of_model.progress = part_of(options.progress, drawn.size() * resamples, models.size() * resamples);
    drawn.push_back(model_of(samples, rows, resampling, of_model));
    comparison.models.push_back(figures_of(drawn.back(), comparison));
  }
  for (std::size_t a = 0; a < drawn.size(); ++a) {
    for (std::size_t b = a + 1; b < drawn.size(); ++b) {
      comparison.pairs.push_back({.first = a,
                                  .second = b,
                                  .accuracy = difference_in(&Metrics::accuracy, drawn[a], drawn[b]),
                                  .macro_f1 = difference_in(&Metrics::macro_f1, drawn[a], drawn[b]),
                                  .mcnemar = mcnemar_of(drawn[a].scores, drawn[b].scores)});
    }
  }
  correct(comparison.pairs);
  return comparison;
}

}  // namespace fer
