#include "fer/video/smoother.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "fer/video/frame_sampler.hpp"

namespace fer {
namespace {

constexpr std::array<std::pair<std::string_view, SmoothingMethod>, 3> kMethods = {{
    {"none", SmoothingMethod::none},
    {"ema", SmoothingMethod::ema},
    {"median", SmoothingMethod::median},
}};

using Rows = std::vector<std::vector<float>>;

void normalise(std::vector<float>& row) {
  const double sum = std::accumulate(row.begin(), row.end(), 0.0);
  if (sum <= 0) return;
  for (float& value : row) value = static_cast<float>(value / sum);
}

Rows moving_average(std::span<const TimedProbabilities> track, double window) {
  Rows rows;
  rows.reserve(track.size());
  for (std::size_t i = 0; i < track.size(); ++i) {
    const auto& now = track[i].probabilities;
    std::vector<float> row(now.begin(), now.end());
    if (i > 0) {
      const double weight = 1 - std::exp(-2 * (track[i].timestamp - track[i - 1].timestamp) / window);
      for (std::size_t k = 0; k < row.size(); ++k)
        row[k] = static_cast<float>(weight * row[k] + (1 - weight) * rows.back()[k]);
      normalise(row);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Reorders `values`; the mean of the two middle ones for an even count.
float median_of(std::vector<float>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// Where every class's median is 0 (each row sure of another class) the frame keeps its own row.
Rows moving_median(std::span<const TimedProbabilities> track, double window) {
  const double reach = window / 2 + kTimeTolerance;
  Rows rows;
  rows.reserve(track.size());
  std::size_t begin = 0;
  std::size_t end = 0;
  std::vector<float> values;
  for (const auto& [time, probabilities] : track) {
    while (track[begin].timestamp < time - reach) ++begin;
    while (end < track.size() && track[end].timestamp <= time + reach) ++end;
    std::vector<float> row;
    for (std::size_t k = 0; k < probabilities.size(); ++k) {
      values.clear();
      for (std::size_t i = begin; i < end; ++i) values.push_back(track[i].probabilities[k]);
      row.push_back(median_of(values));
    }
    if (std::ranges::all_of(row, [](float value) { return value <= 0; }))
      row.assign(probabilities.begin(), probabilities.end());
    normalise(row);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

SmoothingMethod smoothing_method(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& [known, method] : kMethods) {
    if (known == name) return method;
    names.emplace_back(known);
  }
  throw usage_error("unknown smoothing '{}', expected one of {}{}", name, join(names, ", "),
                    did_you_mean(name, names));
}

std::string smoothing_text(const Smoothing& smoothing) {
  const auto row =
      std::ranges::find(kMethods, smoothing.method, [](const auto& entry) { return entry.second; });
  if (smoothing.method == SmoothingMethod::none) return std::string(row->first);
  return fmt::format("{} {} s", row->first, smoothing.window);
}

Rows smooth(std::span<const TimedProbabilities> track, const Smoothing& smoothing) {
  if (smoothing.method != SmoothingMethod::none && !(smoothing.window > 0))
    throw usage_error("smoothing window: {} s, expected a number above 0", smoothing.window);
  switch (smoothing.method) {
    case SmoothingMethod::ema:
      return moving_average(track, smoothing.window);
    case SmoothingMethod::median:
      return moving_median(track, smoothing.window);
    case SmoothingMethod::none:
      break;
  }
  Rows rows;
  for (const auto& [time, probabilities] : track)
    rows.emplace_back(probabilities.begin(), probabilities.end());
  return rows;
}

}  // namespace fer
