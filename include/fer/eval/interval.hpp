#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace fer {

struct Interval {
  double low = 0;
  double high = 0;

  bool operator==(const Interval&) const = default;
};

/// The 95 % score interval of a proportion (Wilson 1927), inside [0, 1] also for none and for all.
/// It takes trials to be independent, which images of one person are not: see bootstrap_interval().
/// Throws a failure unless 0 <= successes <= trials and trials > 0.
Interval wilson_interval(std::int64_t successes, std::int64_t trials);

/// A statistic of the samples with these indices; an index may occur more than once.
using Statistic = std::function<double(std::span<const std::size_t> samples)>;

struct BootstrapOptions {
  int resamples = 2000;
  std::uint64_t seed = 42;
};

/// The 95 % percentile interval of a statistic when whole clusters (subjects, videos) are drawn with
/// replacement, as many as there are: samples of one cluster stay together (Field & Welsh 2007).
/// `clusters` names the cluster of each sample. The same seed gives the same interval on every machine.
/// Resamples on which the statistic is not finite are left out.
/// Nothing if there are fewer than two clusters, or no resample is left: such data say nothing about spread.
std::optional<Interval> bootstrap_interval(std::span<const std::string> clusters, const Statistic& statistic,
                                           const BootstrapOptions& options = {});

}  // namespace fer
