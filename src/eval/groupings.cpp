#include "groupings.hpp"

#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "fer/eval/bins.hpp"

namespace fer {
namespace {

constexpr std::size_t kMostNumbers = 12;  // more distinct ones are put into ranges

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

}  // namespace

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

}  // namespace fer
