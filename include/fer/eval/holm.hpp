#pragma once

#include <span>
#include <vector>

namespace fer {

/// The p values as they stand when all of them were looked at (Holm 1979): below 0.05 with a probability of
/// at most 5 % for any of them if none is real, whatever they have to do with each other. In their order.
std::vector<double> holm_adjusted(std::span<const double> p);

}  // namespace fer
