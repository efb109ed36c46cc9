#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "fer/app/program.hpp"
#include "log.hpp"

namespace fer {

/// `fer-eval matrix`.
struct MatrixOptions {
  std::vector<std::filesystem::path> configs;
  std::vector<std::string> overrides;
  std::vector<std::string> checkpoints;  ///< "NAME=PATH" or a path; in place of trainings
  bool together = false;                 ///< a row trained on all sources, too
  std::string part = "auto";             ///< auto: the test part of each source that has one, else validation
  std::filesystem::path output = "evaluations";
  std::string name;  ///< empty: made of the experiment's
  bool exist_ok = false;
  bool resume = false;
  std::filesystem::path models_folder;
  std::string device = "auto";
  std::vector<std::string> arguments;  ///< for the manifests
};

void describe_matrix(CLI::App& command, MatrixOptions& options);

/// Trains a classifier on each source of an experiment, unless checkpoints are given, evaluates each on every
/// source and prints the accuracies as a matrix. In the output folder: matrix.txt, .csv, .json, .md and .tex,
/// config.yaml, split.csv, a run folder for each training below runs/, and below cells/ for each row and
/// column what write_evaluation() writes. A signal ends it after saving; with `resume` what was trained is
/// not trained again.
int evaluate_matrix(const MatrixOptions& options, const LogOptions& log_options, const Console& console);

}  // namespace fer
