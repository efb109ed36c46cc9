#pragma once

#include <span>
#include <string>
#include <vector>

#include "fer/app/program.hpp"

namespace fer {

/// Runs this program with `arguments` in several processes on this machine, as torchrun would: each with its
/// rank in the environment and, unless the user has said how many, its part of the cores as OMP_NUM_THREADS.
/// Rank 0 speaks for all; where it cannot, this process does. Once one has failed the others get some seconds
/// to end by themselves. Returns the exit code of the first that failed, or rank 0's.
int run_in_processes(int processes, std::span<const std::string> arguments, const Console& console);

/// `arguments` without option `name` and its value, given as "NAME VALUE" or "NAME=VALUE".
std::vector<std::string> without_option(std::span<const std::string> arguments, const std::string& name);

}  // namespace fer
