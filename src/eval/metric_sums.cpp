#include "metric_sums.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "ratio.hpp"

namespace fer {
namespace {

constexpr double kSmallestProbability = 1e-12;

std::vector<std::int64_t> times_predicted(const Confusion& confusion) {
  std::vector<std::int64_t> sums(confusion.size());
  for (const auto& row : confusion) std::ranges::transform(sums, row, sums.begin(), std::plus{});
  return sums;
}

void add_class_metrics(Metrics& metrics) {
  const auto predicted = times_predicted(metrics.confusion);
  int occurring = 0;
  int labelled = 0;
  for (std::size_t k = 0; k < metrics.confusion.size(); ++k) {
    const auto& row = metrics.confusion[k];
    const auto right = static_cast<double>(row[k]);
    const auto support = std::accumulate(row.begin(), row.end(), std::int64_t{0});
    const auto both = static_cast<double>(support + predicted[k]);
    const ClassMetrics one{.precision = ratio(right, static_cast<double>(predicted[k])),
                           .recall = ratio(right, static_cast<double>(support)),
                           .f1 = ratio(2 * right, both),
                           .support = support};
    occurring += both > 0;
    labelled += support > 0;
    metrics.macro_precision += one.precision;
    metrics.macro_recall += one.recall;
    metrics.macro_f1 += one.f1;
    const double share = static_cast<double>(support) / static_cast<double>(metrics.samples);
    metrics.weighted_precision += one.precision * share;
    metrics.weighted_recall += one.recall * share;
    metrics.weighted_f1 += one.f1 * share;
    metrics.per_class.push_back(one);
  }
  metrics.balanced_accuracy = metrics.macro_recall / labelled;
  metrics.macro_precision /= occurring;
  metrics.macro_recall /= occurring;
  metrics.macro_f1 /= occurring;
}

void add_agreement(Metrics& metrics) {
  const auto predicted = times_predicted(metrics.confusion);
  std::int64_t right = 0;
  std::int64_t chance = 0;
  for (std::size_t k = 0; k < metrics.per_class.size(); ++k) {
    right += metrics.confusion[k][k];
    chance += metrics.per_class[k].support * predicted[k];
  }
  metrics.accuracy = static_cast<double>(right) / static_cast<double>(metrics.samples);
  metrics.accuracy_ci95 = wilson_interval(right, metrics.samples);
  const std::int64_t possible = metrics.samples * metrics.samples - chance;
  metrics.kappa = possible == 0
                      ? std::numeric_limits<double>::quiet_NaN()
                      : static_cast<double>(metrics.samples * right - chance) / static_cast<double>(possible);
}

SampleScore score_of(int label, const std::vector<float>& probabilities) {
  const int predicted = predicted_class(probabilities);
  const double confidence = probabilities[static_cast<std::size_t>(predicted)];
  const double own = probabilities[static_cast<std::size_t>(label)];
  SampleScore score{.label = static_cast<std::uint32_t>(label),
                    .predicted = static_cast<std::uint32_t>(predicted),
                    .bin = static_cast<std::uint32_t>(reliability_bin(confidence)),
                    .surplus = confidence - (predicted == label),
                    .nll = -std::log(std::max(own, kSmallestProbability)),
                    .brier = 1 - 2 * own};
  for (const double p : probabilities) score.brier += p * p;
  return score;
}

}  // namespace

std::vector<SampleScore> score_samples(std::span<const int> labels,
                                       std::span<const std::vector<float>> probabilities) {
  std::vector<SampleScore> scores;
  for (std::size_t i = 0; i < labels.size(); ++i) scores.push_back(score_of(labels[i], probabilities[i]));
  return scores;
}

MetricSums::MetricSums(int classes)
    : classes_(static_cast<std::size_t>(classes)), counts_(classes_ * classes_) {}

Metrics MetricSums::metrics() const {
  Metrics metrics;
  for (auto row = counts_.begin(); row != counts_.end(); row += static_cast<std::ptrdiff_t>(classes_))
    metrics.confusion.emplace_back(row, row + static_cast<std::ptrdiff_t>(classes_));
  metrics.samples = std::accumulate(counts_.begin(), counts_.end(), std::int64_t{0});
  add_class_metrics(metrics);
  add_agreement(metrics);
  const auto samples = static_cast<double>(metrics.samples);
  metrics.nll = nll_ / samples;
  metrics.brier = brier_ / samples;
  for (const double surplus : surplus_) metrics.ece += std::abs(surplus) / samples;
  return metrics;
}

}  // namespace fer
