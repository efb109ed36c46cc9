#include "group_comparison.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>

#include "distributions.hpp"
#include "fer/eval/two_shares.hpp"

namespace fer {
namespace {

constexpr std::size_t kFewestSamples = 20;
constexpr std::size_t kFewestSubjects = 5;

using Positions = std::span<const std::size_t>;

Hits hits_of(const Outcomes& outcomes, Positions samples) {
  const auto right = std::ranges::count_if(samples, [&](std::size_t i) { return outcomes.right[i] != 0; });
  return {.hits = right, .trials = static_cast<std::int64_t>(samples.size())};
}

/// Samples of each cluster.
std::vector<double> cluster_sizes(const Outcomes& outcomes, Positions samples) {
  std::vector<double> sizes(outcomes.cluster_count);
  for (const std::size_t i : samples) ++sizes[outcomes.clusters[i]];
  return sizes;
}

std::size_t occurring(std::span<const double> sizes) {
  return static_cast<std::size_t>(std::ranges::count_if(sizes, [](double size) { return size > 0; }));
}

/// As many clusters of equal size would tell as much (Kish's effective number).
double effective_number(std::span<const double> sizes) {
  double sum = 0;
  double squares = 0;
  for (const double size : sizes) {
    sum += size;
    squares += size * size;
  }
  return sum * sum / squares;
}

double degrees_of_freedom(const Outcomes& outcomes, const Sides& sides) {
  const double fewer = std::min(effective_number(cluster_sizes(outcomes, sides.group)),
                                effective_number(cluster_sizes(outcomes, sides.others)));
  return std::max(1.0, fewer - 1);
}

/// An estimate, and how much each cluster pushes it away from what it is.
struct Linearised {
  double value = 0;
  std::vector<double> pushes;
  double independent_variance = 0;  ///< were all samples independent

  double variance() const {
    double squares = 0;
    std::size_t clusters = 0;
    for (const double push : pushes) {
      squares += push * push;
      clusters += push != 0;
    }
    return clusters < 2 ? squares
                        : squares * static_cast<double>(clusters) / static_cast<double>(clusters - 1);
  }
};

/// Adds `weight` times the accuracy of these samples.
void add_share(const Outcomes& outcomes, Positions samples, double weight, Linearised& sum) {
  const Hits hits = hits_of(outcomes, samples);
  const auto n = static_cast<double>(hits.trials);
  const double share = hits.share();
  sum.value += weight * share;
  for (const std::size_t i : samples)
    sum.pushes[outcomes.clusters[i]] += weight * (outcomes.right[i] - share) / n;
  // One more of either kind, so that none or all right does not pass for certainty (Agresti & Caffo 2000).
  const double careful = (static_cast<double>(hits.hits) + 1) / (n + 2);
  sum.independent_variance += weight * weight * careful * (1 - careful) / (n + 2);
}

Linearised nothing_yet(const Outcomes& outcomes) {
  return {.value = 0, .pushes = std::vector<double>(outcomes.cluster_count), .independent_variance = 0};
}

AccuracyDifference within(double value, double half_width) {
  return {.value = value,
          .ci95 = {.low = std::max(-1.0, value - half_width), .high = std::min(1.0, value + half_width)}};
}

/// The standard error of the difference between the sides, when subjects are what was drawn.
double error_by_subject(const Outcomes& outcomes, const Sides& sides) {
  Linearised difference = nothing_yet(outcomes);
  add_share(outcomes, sides.group, 1, difference);
  add_share(outcomes, sides.others, -1, difference);
  return std::sqrt(difference.variance());
}

double p_by_subject(const Outcomes& outcomes, const Sides& sides, double difference) {
  if (difference == 0) return 1;
  return student_t_p(difference / error_by_subject(outcomes, sides), degrees_of_freedom(outcomes, sides));
}

std::vector<std::vector<std::size_t>> by_class(const Outcomes& outcomes, Positions samples) {
  std::vector<std::vector<std::size_t>> lists(static_cast<std::size_t>(outcomes.classes));
  for (const std::size_t i : samples) lists[static_cast<std::size_t>(outcomes.labels[i])].push_back(i);
  return lists;
}

std::optional<AccuracyDifference> standardised(const Outcomes& outcomes, const Sides& sides) {
  const auto group = by_class(outcomes, sides.group);
  const auto others = by_class(outcomes, sides.others);
  double total = 0;
  for (std::size_t k = 0; k < group.size(); ++k)
    if (!group[k].empty() && !others[k].empty())
      total += static_cast<double>(group[k].size() + others[k].size());
  if (total == 0) return std::nullopt;
  Linearised difference = nothing_yet(outcomes);
  for (std::size_t k = 0; k < group.size(); ++k) {
    if (group[k].empty() || others[k].empty()) continue;
    const double weight = static_cast<double>(group[k].size() + others[k].size()) / total;
    add_share(outcomes, group[k], weight, difference);
    add_share(outcomes, others[k], -weight, difference);
  }
  const double variance = std::max(difference.variance(), difference.independent_variance);
  return within(difference.value,
                student_t_beyond(0.05, degrees_of_freedom(outcomes, sides)) * std::sqrt(variance));
}

}  // namespace

Outcomes outcomes_of(const ScoredSamples& scored, int classes) {
  Outcomes outcomes;
  outcomes.labels = scored.labels;
  outcomes.classes = classes;
  std::unordered_map<std::string_view, std::size_t> numbers;
  for (std::size_t i = 0; i < scored.labels.size(); ++i) {
    outcomes.right.push_back(predicted_class(scored.probabilities[i]) == scored.labels[i] ? 1 : 0);
    const std::string_view subject = scored.subjects[i];
    std::size_t number = outcomes.cluster_count;
    if (!subject.empty()) number = numbers.try_emplace(subject, number).first->second;
    outcomes.cluster_count = std::max(outcomes.cluster_count, number + 1);
    outcomes.clusters.push_back(number);
  }
  outcomes.subjects_known = !numbers.empty();
  return outcomes;
}

bool is_enough(const Outcomes& outcomes, Positions samples) {
  if (samples.size() < kFewestSamples) return false;
  return !outcomes.subjects_known || occurring(cluster_sizes(outcomes, samples)) >= kFewestSubjects;
}

double accuracy_of(const Outcomes& outcomes, Positions samples) { return hits_of(outcomes, samples).share(); }

AccuracyDifference difference_between(const Outcomes& outcomes, const Sides& sides, double alpha) {
  const Hits group = hits_of(outcomes, sides.group);
  const Hits others = hits_of(outcomes, sides.others);
  AccuracyDifference difference{.value = group.share() - others.share(),
                                .ci95 = newcombe_interval(group, others, normal_beyond(alpha))};
  if (!outcomes.subjects_known) return difference;
  const double t = student_t_beyond(alpha, degrees_of_freedom(outcomes, sides));
  const Interval by_subject = within(difference.value, t * error_by_subject(outcomes, sides)).ci95;
  difference.ci95 = {.low = std::min(difference.ci95.low, by_subject.low),
                     .high = std::max(difference.ci95.high, by_subject.high)};
  return difference;
}

std::optional<GroupComparison> compare_sides(const Outcomes& outcomes, const Sides& sides) {
  if (!is_enough(outcomes, sides.group) || !is_enough(outcomes, sides.others)) return std::nullopt;
  const Hits group = hits_of(outcomes, sides.group);
  const Hits others = hits_of(outcomes, sides.others);
  GroupComparison compared;
  compared.others = others.trials;
  compared.difference = difference_between(outcomes, sides, 0.05);
  compared.p = fisher_exact_p(group, others);
  if (outcomes.subjects_known)
    compared.p = std::max(compared.p, p_by_subject(outcomes, sides, compared.difference.value));
  compared.same_classes = standardised(outcomes, sides);
  return compared;
}

void add_accuracy_interval(const Outcomes& outcomes, Positions samples, GroupMetrics& group) {
  const Hits all = hits_of(outcomes, samples);
  group.accuracy_ci95 = wilson_interval(all.hits, all.trials);
  const std::vector<double> sizes = cluster_sizes(outcomes, samples);
  group.by_subject = outcomes.subjects_known && occurring(sizes) >= kFewestSubjects;
  if (!group.by_subject) return;
  std::vector<double> rights(outcomes.cluster_count);
  for (const std::size_t i : samples) rights[outcomes.clusters[i]] += outcomes.right[i];
  std::vector<std::string> names;  // of the clusters that occur; each stands for all of its samples
  std::vector<Hits> clusters;
  for (std::size_t cluster = 0; cluster < sizes.size(); ++cluster) {
    if (sizes[cluster] == 0) continue;
    names.push_back(std::to_string(cluster));
    clusters.push_back({.hits = std::lround(rights[cluster]), .trials = std::lround(sizes[cluster])});
  }
  const auto accuracy = [&](std::span<const std::size_t> drawn) {
    Hits sum;
    for (const std::size_t cluster : drawn) {
      sum.hits += clusters[cluster].hits;
      sum.trials += clusters[cluster].trials;
    }
    return sum.share();
  };
  const auto drawn = bootstrap_interval(names, accuracy);
  if (!drawn) return;
  group.accuracy_ci95 = {.low = std::min(group.accuracy_ci95.low, drawn->low),
                         .high = std::max(group.accuracy_ci95.high, drawn->high)};
}

}  // namespace fer
