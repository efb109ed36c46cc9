#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "fer/app/program.hpp"
#include "log.hpp"

namespace fer {

/// `fer-data split`.
struct SplitFileOptions {
  std::vector<std::filesystem::path> configs;
  std::vector<std::string> overrides;
  std::filesystem::path models_folder;
  std::filesystem::path output = "split.csv";
  bool exist_ok = false;
};

void describe_split(CLI::App& command, SplitFileOptions& options);

/// Writes the split of an experiment and, beside it, leaks.csv where parts share what they must not. With
/// folds the file says the fold of each image, all folds are looked at, and no parts are written, so that
/// method `file` goes by the folds. Then throws what fer-train would refuse.
void write_split(const SplitFileOptions& options, const LogOptions& log_options, const Console& console);

}  // namespace fer
