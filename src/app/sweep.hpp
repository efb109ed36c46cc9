#pragma once

#include "fer/app/program.hpp"
#include "sweep_options.hpp"

namespace fer {

/// Trains the runs of a sweep, or prints how others train them, and reports what there is.
int run_sweep(const SweepOptions& options, std::span<const std::string> arguments, const Console& console);

}  // namespace fer
