#include "resampling.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

namespace fer {
namespace {

/// Linear interpolation between order statistics (Hyndman & Fan's type 7, numpy's default).
double quantile(std::span<const double> sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], at - static_cast<double>(below));
}

}  // namespace

Resampling::Resampling(std::span<const std::string> clusters) {
  std::map<std::string_view, std::vector<std::size_t>> named;
  std::vector<std::size_t> alone;
  for (std::size_t i = 0; i < clusters.size(); ++i) {
    if (clusters[i].empty()) {
      alone.push_back(i);
    } else {
      named[clusters[i]].push_back(i);
    }
  }
  for (const auto& [name, members] : named) {
    starts_.push_back(samples_.size());
    samples_.insert(samples_.end(), members.begin(), members.end());
  }
  for (const std::size_t sample : alone) {
    starts_.push_back(samples_.size());
    samples_.push_back(sample);
  }
  starts_.push_back(samples_.size());
}

std::optional<Interval> percentile_interval(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  if (values.empty()) return std::nullopt;
  std::ranges::sort(values);
  return Interval{.low = quantile(values, 0.025), .high = quantile(values, 0.975)};
}

}  // namespace fer
