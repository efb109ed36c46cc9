#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "fer/app/program.hpp"
#include "fer/report/comparison_files.hpp"
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

/// How the models differ on the same images. Throws as read_compared_predictions() does.
ComparisonReport compare_folders(const CompareOptions& options, Log& log);

/// comparison.txt, .csv, .tex, .md and .html.
void write_comparison(const std::filesystem::path& folder, const ComparisonReport& report);

/// Prints how the models differ on the same images, and writes it to the output folder.
int compare_predictions(const CompareOptions& options, const LogOptions& log_options, const Console& console);

}  // namespace fer
