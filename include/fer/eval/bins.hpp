#pragma once

#include <span>
#include <string>
#include <vector>

namespace fer {

/// A measure in a few ranges.
struct Bins {
  std::vector<std::string>
      names;            ///< ascending, such as "96-131", from the least to the highest value in each
  std::vector<int> of;  ///< the bin of each value; -1: not known
};

/// Quartiles of the values that are known (not NaN): each goes into the lowest bin whose upper quartile it
/// does not exceed. Equal values stay together, so there are fewer bins where many coincide, down to one;
/// none without a known value. Names have as many digits as tell them apart.
Bins quartile_bins(std::span<const double> values);

}  // namespace fer
