#pragma once

#include <span>
#include <string>

namespace fer {

/// How fast an epoch's batches come from crops on disk, in one order.
struct LoadingRate {
  std::string order = {};
  bool fetch_ahead = false;
  double first_batch = 0;  ///< seconds until it was there
  double images = 0;       ///< a second
  double used_mb = 0;      ///< of crops, a second
  double disk_mb = 0;      ///< read from disk, a second
  double unevenness = 0;   ///< of classes in batches, where samples are sorted by class; 1: as by chance
};

/// A row for each, under a head.
std::string loading_table(std::span<const LoadingRate> rates);

}  // namespace fer
