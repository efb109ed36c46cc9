#pragma once

#include <span>

#include "log.hpp"
#include "sweep_folder.hpp"
#include "sweep_options.hpp"

namespace fer {

/// Trains the runs in child processes, `options.parallel` at a time, with a line in the log for each that
/// ends; one that fails goes to failed.csv and does not stop the others. False where a signal stopped it: the
/// children got it too and saved.
bool run_locally(const SweepFolder& folder, std::span<const SweepRun> runs, const SweepOptions& options,
                 Log& log);

}  // namespace fer
