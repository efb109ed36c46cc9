#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "log.hpp"

namespace fer {

/// `fer-train --grid`.
struct SweepOptions {
  std::filesystem::path file;  ///< empty: no sweep
  int parallel = 1;
  bool print_commands = false;
  bool slurm = false;
  bool report = false;

  // As for a single training.
  std::vector<std::filesystem::path> configs = {};
  std::vector<std::string> overrides = {};
  std::filesystem::path models_folder = {};
  bool resume = false;
  LogOptions log = {};
};

void describe_sweep(CLI::App& app, SweepOptions& options);

}  // namespace fer
