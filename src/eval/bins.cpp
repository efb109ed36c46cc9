#include "fer/eval/bins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <set>

#include "fer/eval/interval.hpp"

namespace fer {
namespace {

constexpr int kMostDecimals = 12;

/// The quartiles as numpy has them (Hyndman & Fan's type 7).
std::array<double, 3> quartiles(std::vector<double> known) {
  std::ranges::sort(known);
  std::array<double, 3> result{};
  for (std::size_t i = 0; i < result.size(); ++i) {
    const double at = static_cast<double>(i + 1) / 4 * static_cast<double>(known.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, known.size() - 1);
    result[i] = std::lerp(known[below], known[above], at - static_cast<double>(below));
  }
  return result;
}

/// -0.0 would show as "-0".
std::string rounded(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  return text.find_first_not_of("-0.") == std::string::npos ? fmt::format("{:.{}f}", 0.0, decimals) : text;
}

std::string range_name(const Interval& range, int decimals) {
  const std::string low = rounded(range.low, decimals);
  const std::string high = rounded(range.high, decimals);
  if (low == high) return low;
  return fmt::format("{}{}{}", low, low[0] == '-' || high[0] == '-' ? " to " : "-", high);
}

std::vector<std::string> range_names(std::span<const Interval> ranges) {
  const double spread = ranges.back().high - ranges.front().low;
  int decimals =
      spread > 0 ? std::clamp(2 - static_cast<int>(std::floor(std::log10(spread))), 0, kMostDecimals) : 0;
  if (spread == 0 && ranges.front().low != std::round(ranges.front().low)) decimals = 3;
  while (true) {
    std::vector<std::string> names;
    for (const Interval& range : ranges) names.push_back(range_name(range, decimals));
    const bool distinct = std::set(names.begin(), names.end()).size() == names.size();
    if (distinct || decimals == kMostDecimals) return names;
    ++decimals;
  }
}

}  // namespace

Bins quartile_bins(std::span<const double> values) {
  Bins bins{.names = {}, .of = std::vector<int>(values.size(), -1)};
  std::vector<double> known;
  std::ranges::copy_if(values, std::back_inserter(known), [](double value) { return !std::isnan(value); });
  if (known.empty()) return bins;
  const auto edges = quartiles(known);
  std::array<std::vector<std::size_t>, 4> members;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i]))
      members[static_cast<std::size_t>(std::ranges::lower_bound(edges, values[i]) - edges.begin())].push_back(
          i);
  }
  std::vector<Interval> ranges;
  for (const auto& bin : members) {
    if (bin.empty()) continue;
    Interval range{.low = values[bin[0]], .high = values[bin[0]]};
    for (const std::size_t i : bin) {
      range = {.low = std::min(range.low, values[i]), .high = std::max(range.high, values[i])};
      bins.of[i] = static_cast<int>(ranges.size());
    }
    ranges.push_back(range);
  }
  bins.names = range_names(ranges);
  return bins;
}

}  // namespace fer
