#include "fer/eval/interval.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fer/core/error.hpp"
#include "resampling.hpp"

namespace fer {

Interval wilson_interval(std::int64_t successes, std::int64_t trials, double z) {
  if (trials <= 0 || successes < 0 || successes > trials) {
    throw failure("an interval for {} successes in {} trials: 0 <= successes <= trials > 0 was expected",
                  successes, trials);
  }
  const auto n = static_cast<double>(trials);
  const double share = static_cast<double>(successes) / n;
  const double scale = 1 / (1 + z * z / n);
  const double centre = scale * (share + z * z / (2 * n));
  const double half = scale * z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  return {.low = successes == 0 ? 0 : centre - half, .high = successes == trials ? 1 : centre + half};
}

Clusters clusters_by(const std::string& by, std::vector<std::string> names) {
  const bool known = !std::ranges::all_of(names, &std::string::empty);
  return {.by = known ? by : "sample", .names = std::move(names)};
}

std::optional<Interval> bootstrap_interval(std::span<const std::string> clusters, const Statistic& statistic,
                                           const BootstrapOptions& options) {
  const Resampling resampling(clusters);
  if (resampling.clusters() < 2) return std::nullopt;
  std::vector<double> values;
  std::vector<std::size_t> samples;
  for (int resample = 0; resample < options.resamples; ++resample) {
    samples.clear();
    resampling.draw(options.seed, resample, [&](std::size_t sample) { samples.push_back(sample); });
    values.push_back(statistic(samples));
    if (options.progress) options.progress(values.size(), static_cast<std::size_t>(options.resamples));
  }
  return percentile_interval(std::move(values));
}

}  // namespace fer
