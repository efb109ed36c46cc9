#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <vector>

#include "fer/app/program.hpp"

namespace fer {

/// `fer-eval overview`.
struct OverviewOptions {
  std::vector<std::filesystem::path> folders;  ///< of runs, evaluations or videos, or folders of such
  std::filesystem::path output;                ///< empty: beside the first of them
};

void describe_overview(CLI::App& command, OverviewOptions& options);

/// Writes index.html and prints where it is.
int write_overview(const OverviewOptions& options, const Console& console);

}  // namespace fer
