#include "fer/eval/groups.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <span>

#include "check.hpp"
#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "fer/eval/bins.hpp"
#include "fer/eval/holm.hpp"
#include "group_comparison.hpp"

namespace fer {
namespace {

constexpr std::size_t kMostNumbers = 12;  // more distinct ones are put into ranges
constexpr double kSignificant = 0.05;

/// The samples of each group of one attribute or measure.
struct Grouping {
  std::string attribute;
  std::vector<std::string> values;
  std::vector<std::vector<std::size_t>> samples;
};

Grouping by_value(const std::string& attribute, std::span<const std::string> values) {
  std::map<std::string, std::vector<std::size_t>> lists;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!values[i].empty()) lists[values[i]].push_back(i);
  Grouping grouping{.attribute = attribute, .values = {}, .samples = {}};
  for (auto& [value, samples] : lists) {
    grouping.values.push_back(value);
    grouping.samples.push_back(std::move(samples));
  }
  return grouping;
}

Grouping by_range(const std::string& measure, std::span<const double> values) {
  const Bins bins = quartile_bins(values);
  Grouping grouping{.attribute = measure,
                    .values = bins.names,
                    .samples = std::vector<std::vector<std::size_t>>(bins.names.size())};
  for (std::size_t i = 0; i < values.size(); ++i)
    if (bins.of[i] >= 0) grouping.samples[static_cast<std::size_t>(bins.of[i])].push_back(i);
  return grouping;
}

/// Of values that are numbers and too many to be groups; NaN where there is none.
std::optional<std::vector<double>> many_numbers(std::span<const std::string> values) {
  std::set<double> distinct;
  std::vector<double> numbers;
  for (const std::string& value : values) {
    const auto number = value.empty() ? std::numeric_limits<double>::quiet_NaN() : parse_number(value);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
    if (!value.empty()) distinct.insert(*number);
  }
  if (distinct.size() <= kMostNumbers) return std::nullopt;
  return numbers;
}

std::vector<Grouping> groupings_of(const ScoredSamples& scored) {
  const auto check_length = [&](const std::string& name, std::size_t length) {
    if (length != scored.labels.size())
      throw failure("{} values of '{}' for {} samples", length, name, scored.labels.size());
  };
  check_length("subject", scored.subjects.size());
  std::vector<Grouping> groupings;
  for (const auto& [name, values] : scored.attributes) {
    check_length(name, values.size());
    const auto numbers = many_numbers(values);
    groupings.push_back(numbers ? by_range(name, *numbers) : by_value(name, values));
  }
  for (const auto& [name, values] : scored.measures) {
    check_length(name, values.size());
    if (scored.attributes.contains(name)) continue;
    Grouping grouping = by_range(name, values);
    if (grouping.values.size() > 1) groupings.push_back(std::move(grouping));
  }
  return groupings;
}

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

}  // namespace

std::vector<GroupMetrics> analyse_groups(const ScoredSamples& scored, const ClassList& classes) {
  check_rows(scored.labels, scored.probabilities, classes.size());
  const std::vector<Grouping> groupings = groupings_of(scored);
  GroupAnalysis analysis(scored, classes);
  for (const Grouping& grouping : groupings) analysis.add(grouping);
  return analysis.finish();
}

}  // namespace fer
