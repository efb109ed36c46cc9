#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "fer/app/program.hpp"
#include "log.hpp"

namespace fer {

/// `fer-eval compare`.
struct CompareOptions {
  std::vector<std::filesystem::path> models;  ///< run or evaluation folders, or predictions.csv files
  bool common = false;                        ///< compare on the images that all of them have
  std::string format = "text";
  std::filesystem::path output;  ///< empty: to standard output only
  int resamples = 2000;
  std::uint64_t seed = 42;
};

void describe_compare(CLI::App& command, CompareOptions& options);

/// Prints how the models differ on the same images, and writes it to the output folder.
int compare_predictions(const CompareOptions& options, const LogOptions& log_options, const Console& console);

}  // namespace fer
