#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fer/core/progress.hpp"

namespace fer {

/// From low to high, in the unit of what it is about.
struct Interval {
  double low = 0;
  double high = 0;

  bool operator==(const Interval&) const = default;
};

/// The normal distribution's 97.5 % quantile: half the width of a 95 % interval, in standard errors.
inline constexpr double kNormal95 = 1.959963984540054;

/// The score interval of a proportion (Wilson 1927), 95 % unless `z` says otherwise; inside [0, 1] also for
/// none and for all.
/// It takes trials to be independent, which images of one person are not: see bootstrap_interval().
/// Throws a failure unless 0 <= successes <= trials and trials > 0.
Interval wilson_interval(std::int64_t successes, std::int64_t trials, double z = kNormal95);

/// What stays together when samples are drawn anew.
struct Clusters {
  std::string by = "sample";            ///< "subject", "video", "track", "block" or "sample"
  std::vector<std::string> names = {};  ///< of each sample's cluster; a sample without a name is its own
};

/// Clusters `by` "subject" or "video" from the one of each sample, "" where it is not known; by "sample"
/// where none is known.
Clusters clusters_by(const std::string& by, std::vector<std::string> names);

/// A statistic of the samples with these indices; an index may occur more than once.
using Statistic = std::function<double(std::span<const std::size_t> samples)>;

/// How often and from which seed samples are drawn anew.
struct BootstrapOptions {
  int resamples = 2000;
  std::uint64_t seed = 42;
  ProgressFn progress = {};  ///< counts resamples
};

/// The 95 % percentile interval of a statistic when whole clusters (subjects, videos) are drawn with
/// replacement, as many as there are: samples of one cluster stay together (Field & Welsh 2007).
/// `clusters` names the cluster of each sample, as Clusters::names does. The same seed gives the same
/// interval on every machine. Resamples on which the statistic is not finite are left out. Nothing if there
/// are fewer than two clusters, or no resample is left: such data say nothing about spread.
std::optional<Interval> bootstrap_interval(std::span<const std::string> clusters, const Statistic& statistic,
                                           const BootstrapOptions& options = {});

}  // namespace fer
