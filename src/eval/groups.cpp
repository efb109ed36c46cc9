#include "fer/eval/groups.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <span>

#include "check.hpp"
#include "fer/eval/holm.hpp"
#include "group_comparison.hpp"
#include "groupings.hpp"

namespace fer {
namespace {

constexpr double kSignificant = 0.05;

Metrics metrics_of(const ScoredSamples& scored, std::span<const std::size_t> samples, int classes) {
  std::vector<int> labels;
  std::vector<std::vector<float>> probabilities;
  for (const std::size_t i : samples) {
    labels.push_back(scored.labels[i]);
    probabilities.push_back(scored.probabilities[i]);
  }
  return evaluate(labels, probabilities, classes);
}

std::int64_t count_subjects(const ScoredSamples& scored, std::span<const std::size_t> samples) {
  std::set<std::string_view> subjects;
  for (const std::size_t i : samples)
    if (!scored.subjects[i].empty()) subjects.insert(scored.subjects[i]);
  return static_cast<std::int64_t>(subjects.size());
}

/// All groups but the one at `position`.
Sides sides_of(const Grouping& grouping, std::size_t position) {
  Sides sides{.group = grouping.samples[position], .others = {}};
  for (std::size_t other = 0; other < grouping.samples.size(); ++other)
    if (other != position) std::ranges::copy(grouping.samples[other], std::back_inserter(sides.others));
  return sides;
}

class GroupAnalysis {
 public:
  GroupAnalysis(const ScoredSamples& scored, const ClassList& classes)
      : scored_(scored), classes_(classes), outcomes_(outcomes_of(scored, classes.size())) {}

  void add(const Grouping& grouping) {
    const std::size_t first = groups_.size();
    for (std::size_t i = 0; i < grouping.values.size(); ++i) {
      GroupMetrics group = describe(grouping, i);
      group.compared = compare_sides(outcomes_, sides_of(grouping, i));
      groups_.push_back(std::move(group));
      if (!groups_.back().compared) continue;
      // Of two groups the second comparison is the first one seen from the other side.
      if (grouping.values.size() == 2 && i == 1 && groups_[first].compared) {
        tests_.back().push_back(first + 1);
      } else {
        tests_.push_back({first + i});
      }
    }
  }

  std::vector<GroupMetrics> finish() {
    std::vector<double> p;
    for (const auto& test : tests_) p.push_back(groups_[test[0]].compared->p);
    const std::vector<double> adjusted = holm_adjusted(p);
    for (std::size_t test = 0; test < tests_.size(); ++test) {
      for (const std::size_t group : tests_[test]) {
        GroupComparison& compared = *groups_[group].compared;
        compared.p_holm = adjusted[test];
        compared.differs = compared.p_holm < kSignificant;
      }
    }
    return std::move(groups_);
  }

 private:
  GroupMetrics describe(const Grouping& grouping, std::size_t position) const {
    const auto& samples = grouping.samples[position];
    GroupMetrics group;
    group.attribute = grouping.attribute;
    group.value = grouping.values[position];
    group.metrics = metrics_of(scored_, samples, classes_.size());
    group.subjects = count_subjects(scored_, samples);
    add_accuracy_interval(outcomes_, samples, group);
    const Confusion& confusion = group.metrics.confusion;
    if (const auto neutral = classes_.find("neutral")) group.neutral = wrong_answer(confusion, *neutral);
    group.favourite = favourite_wrong_answer(confusion);
    group.confused = most_frequent_pair(confusion);
    return group;
  }

  const ScoredSamples& scored_;
  const ClassList& classes_;
  Outcomes outcomes_;
  std::vector<GroupMetrics> groups_;
  std::vector<std::vector<std::size_t>> tests_;  // of each the groups it is about
};

std::optional<GroupGap> gap_of(const Outcomes& outcomes, const Grouping& grouping) {
  std::vector<std::size_t> groups;
  for (std::size_t i = 0; i < grouping.samples.size(); ++i)
    if (is_enough(outcomes, grouping.samples[i])) groups.push_back(i);
  if (groups.size() < 2) return std::nullopt;
  const auto accuracy = [&](std::size_t i) { return accuracy_of(outcomes, grouping.samples[i]); };
  const auto [worst, best] = std::ranges::minmax(groups, {}, accuracy);
  const double pairs = static_cast<double>(groups.size() * (groups.size() - 1)) / 2;
  GroupGap gap{.attribute = grouping.attribute,
               .best = grouping.values[best],
               .worst = grouping.values[worst],
               .groups = groups.size()};
  gap.difference = difference_between(
      outcomes, {.group = grouping.samples[best], .others = grouping.samples[worst]}, kSignificant / pairs);
  gap.differs = gap.difference.ci95.low > 0;
  return gap;
}

}  // namespace

std::vector<GroupMetrics> analyse_groups(const ScoredSamples& scored, const ClassList& classes) {
  check_rows(scored.labels, scored.probabilities, classes.size());
  const std::vector<Grouping> groupings = groupings_of(scored);
  GroupAnalysis analysis(scored, classes);
  for (const Grouping& grouping : groupings) analysis.add(grouping);
  return analysis.finish();
}

std::vector<GroupGap> group_gaps(const ScoredSamples& scored, const ClassList& classes) {
  check_rows(scored.labels, scored.probabilities, classes.size());
  const Outcomes outcomes = outcomes_of(scored, classes.size());
  std::vector<GroupGap> gaps;
  for (const Grouping& grouping : groupings_of(scored))
    if (auto gap = gap_of(outcomes, grouping)) gaps.push_back(std::move(*gap));
  return gaps;
}

}  // namespace fer
