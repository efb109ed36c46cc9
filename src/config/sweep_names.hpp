#pragma once

#include <span>
#include <string>
#include <vector>

#include "fer/config/sweep.hpp"

namespace fer {

/// What each value of each key is called in the names of runs: letters, digits and `._+` alone (and the minus
/// of a number), different for all values of a key, which is named too where a value does not speak for
/// itself: "resnet18", "lr0.001", "grey_true", "stages2" (the second of values that are lists or maps).
std::vector<std::vector<std::string>> value_labels(std::span<const SweepKey> keys);

/// Gives the runs names of their own, run001, …, where those they have are not all different, too long for a
/// file system, or the name of a folder that every sweep has.
void settle_names(std::span<SweepRun> runs);

}  // namespace fer
