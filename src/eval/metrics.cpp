#include "fer/eval/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>

#include "check.hpp"
#include "fer/core/error.hpp"

namespace fer {
namespace {

constexpr int kBins = 15;
constexpr double kSmallestProbability = 1e-12;

double ratio(double part, double whole) { return whole == 0 ? 0 : part / whole; }

void check_probabilities(std::span<const std::vector<float>> rows) {
  constexpr double kTolerance = 1e-2;  // half-precision rounding
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double sum = std::accumulate(rows[i].begin(), rows[i].end(), 0.0);
    const auto [low, high] = std::ranges::minmax(rows[i]);
    if (low < 0 || high > 1 + kTolerance || std::abs(sum - 1) > kTolerance) {
      throw data_error("sample {}: values from {} to {} with sum {} are no probabilities", i, low, high, sum);
    }
  }
}

Confusion confusion_matrix(std::span<const int> labels, std::span<const std::vector<float>> probabilities,
                           int classes) {
  const auto size = static_cast<std::size_t>(classes);
  Confusion counts(size, std::vector<std::int64_t>(size));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const int predicted = predicted_class(probabilities[i]);
    ++counts[static_cast<std::size_t>(labels[i])][static_cast<std::size_t>(predicted)];
  }
  return counts;
}

std::vector<std::int64_t> times_predicted(const Confusion& confusion) {
  std::vector<std::int64_t> sums(confusion.size());
  for (const auto& row : confusion) {
    std::ranges::transform(sums, row, sums.begin(), std::plus{});
  }
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
    metrics.weighted_f1 += one.f1 * static_cast<double>(support) / static_cast<double>(metrics.samples);
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

void add_probability_scores(Metrics& metrics, std::span<const int> labels,
                            std::span<const std::vector<float>> probabilities) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto label = static_cast<std::size_t>(labels[i]);
    const double own = probabilities[i][label];
    metrics.nll -= std::log(std::max(own, kSmallestProbability));
    metrics.brier += 1 - 2 * own;
    for (const double p : probabilities[i]) metrics.brier += p * p;
  }
  metrics.nll /= static_cast<double>(metrics.samples);
  metrics.brier /= static_cast<double>(metrics.samples);
  metrics.ece = expected_calibration_error(labels, probabilities);
}

}  // namespace

int predicted_class(std::span<const float> probabilities) {
  return static_cast<int>(std::ranges::max_element(probabilities) - probabilities.begin());
}

Metrics evaluate(std::span<const int> labels, std::span<const std::vector<float>> probabilities,
                 int classes) {
  check_rows(labels, probabilities, classes);
  check_probabilities(probabilities);
  Metrics metrics;
  metrics.samples = static_cast<std::int64_t>(labels.size());
  metrics.confusion = confusion_matrix(labels, probabilities, classes);
  add_class_metrics(metrics);
  add_agreement(metrics);
  add_probability_scores(metrics, labels, probabilities);
  return metrics;
}

std::vector<GroupMetrics> evaluate_groups(std::span<const int> labels,
                                          std::span<const std::vector<float>> probabilities, int classes,
                                          const std::string& attribute, std::span<const std::string> values) {
  check_rows(labels, probabilities, classes);
  if (values.size() != labels.size()) {
    throw failure("{} values of '{}' for {} samples", values.size(), attribute, labels.size());
  }
  struct Samples {
    std::vector<int> labels;
    std::vector<std::vector<float>> probabilities;
  };
  std::map<std::string, Samples> by_value;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].empty()) continue;
    by_value[values[i]].labels.push_back(labels[i]);
    by_value[values[i]].probabilities.push_back(probabilities[i]);
  }
  std::vector<GroupMetrics> groups;
  for (const auto& [value, samples] : by_value) {
    groups.push_back({.attribute = attribute,
                      .value = value,
                      .metrics = evaluate(samples.labels, samples.probabilities, classes)});
  }
  return groups;
}

double expected_calibration_error(std::span<const int> labels,
                                  std::span<const std::vector<float>> probabilities) {
  std::vector<double> surplus(kBins);  // confidence minus accuracy, summed
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const int predicted = predicted_class(probabilities[i]);
    const double confidence = probabilities[i][static_cast<std::size_t>(predicted)];
    const int bin = std::clamp(static_cast<int>(std::ceil(confidence * kBins)) - 1, 0, kBins - 1);
    surplus[static_cast<std::size_t>(bin)] += confidence - (predicted == labels[i]);
  }
  const auto add = [](double sum, double value) { return sum + std::abs(value); };
  return ratio(std::accumulate(surplus.begin(), surplus.end(), 0.0, add), static_cast<double>(labels.size()));
}

}  // namespace fer
