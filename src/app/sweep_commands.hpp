#pragma once

#include <span>
#include <string>
#include <vector>

#include "sweep_folder.hpp"
#include "sweep_options.hpp"

namespace fer {

/// Arguments of fer-train that begin a run of a sweep, or go on with it.
std::vector<std::string> run_arguments(const SweepFolder& folder, const SweepRun& run,
                                       const SweepOptions& options);

/// Arguments of fer-train that make the sweep's report.
std::vector<std::string> report_arguments(const SweepOptions& options);

/// A line for sh for each run, from any working directory.
std::string command_lines(const SweepFolder& folder, std::span<const SweepRun> runs,
                          const SweepOptions& options);

/// A script for sbatch: an array with a task for each run, and how to have the report made after it.
std::string slurm_script(const SweepFolder& folder, std::span<const SweepRun> runs,
                         const SweepOptions& options);

}  // namespace fer
