#pragma once

#include "fer/config/experiment.hpp"
#include "tree.hpp"

namespace fer {

/// What no single key shows: sources with a root, shares that leave something to train on and validate with,
/// distinct classes, stages that add up, a device that can be named. Throws a usage error; `tree` knows the
/// places.
void check_whole(const Experiment& experiment, const Tree& tree);

}  // namespace fer
