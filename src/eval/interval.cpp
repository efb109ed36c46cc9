#include "fer/eval/interval.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/random.hpp"

namespace fer {
namespace {

/// Linear interpolation between order statistics (Hyndman & Fan's type 7, numpy's default).
double quantile(std::span<const double> sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], at - static_cast<double>(below));
}

/// The samples of each cluster, clusters in the order of their names.
std::vector<std::vector<std::size_t>> members(std::span<const std::string> clusters) {
  std::map<std::string_view, std::vector<std::size_t>> by_name;
  for (std::size_t i = 0; i < clusters.size(); ++i) by_name[clusters[i]].push_back(i);
  std::vector<std::vector<std::size_t>> lists;
  for (auto& [name, list] : by_name) lists.push_back(std::move(list));
  return lists;
}

}  // namespace

Interval wilson_interval(std::int64_t successes, std::int64_t trials) {
  if (trials <= 0 || successes < 0 || successes > trials) {
    throw failure("an interval for {} successes in {} trials: 0 <= successes <= trials > 0 was expected",
                  successes, trials);
  }
  constexpr double kZ = 1.959963984540054;  // the normal distribution's 97.5 % quantile
  const auto n = static_cast<double>(trials);
  const double share = static_cast<double>(successes) / n;
  const double scale = 1 / (1 + kZ * kZ / n);
  const double centre = scale * (share + kZ * kZ / (2 * n));
  const double half = scale * kZ * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
  return {.low = successes == 0 ? 0 : centre - half, .high = successes == trials ? 1 : centre + half};
}

std::optional<Interval> bootstrap_interval(std::span<const std::string> clusters, const Statistic& statistic,
                                           const BootstrapOptions& options) {
  const auto lists = members(clusters);
  if (lists.size() < 2) return std::nullopt;

  std::vector<double> values;
  std::vector<std::size_t> samples;
  for (int resample = 0; resample < options.resamples; ++resample) {
    Rng rng = Rng::of(options.seed, static_cast<std::uint64_t>(resample), 0);
    samples.clear();
    for (std::size_t draw = 0; draw < lists.size(); ++draw) {
      const auto& drawn = lists[rng.below(lists.size())];
      samples.insert(samples.end(), drawn.begin(), drawn.end());
    }
    if (const double value = statistic(samples); std::isfinite(value)) values.push_back(value);
  }
  if (values.empty()) return std::nullopt;
  std::ranges::sort(values);
  return Interval{.low = quantile(values, 0.025), .high = quantile(values, 0.975)};
}

}  // namespace fer
