#pragma once

#include <span>

namespace fer {

/// Mean and scatter of a few values, such as runs.
struct Spread {
  double mean = 0;
  double deviation = 0;  ///< standard deviation of the sample (n - 1); 0 for one value
};

/// Of at least one value.
Spread spread_of(std::span<const double> values);

}  // namespace fer
