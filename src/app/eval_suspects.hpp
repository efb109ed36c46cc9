#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "fer/app/program.hpp"
#include "log.hpp"

namespace fer {

/// `fer-eval suspects`.
struct SuspectOptions {
  std::filesystem::path
      predictions;                 ///< a folder of a cross-validation, run or evaluation, or predictions.csv
  std::filesystem::path output;    ///< empty: beside the predictions
  std::filesystem::path problems;  ///< of `fer-data check`; empty: copies are not looked at
  std::string order = "self_confidence";
  int pictures = 60;
  bool allow_in_sample = false;
  bool exist_ok = false;
};

void describe_suspects(CLI::App& command, SuspectOptions& options);

/// Writes which labels are doubtful, and prints how many.
int list_suspects(const SuspectOptions& options, const LogOptions& log_options, const Console& console);

}  // namespace fer
