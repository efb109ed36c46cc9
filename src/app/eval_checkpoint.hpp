#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "data_choice.hpp"
#include "fer/app/program.hpp"
#include "fer/model/predictor.hpp"
#include "log.hpp"

namespace fer {

/// The arguments of `fer-eval CHECKPOINT [DATA…]`.
struct CheckpointOptions {
  std::filesystem::path checkpoint;  ///< a file, or a run folder: its best one
  DataChoice data;
  std::string part;  ///< empty: the run's own data: the part its protocol reports, other data: all
  std::filesystem::path output = "evaluations";
  std::string name;  ///< empty: made of checkpoint and data
  bool exist_ok = false;
  PredictorOptions predictor = {};
  std::vector<std::string> arguments;  ///< for the manifest
};

void describe_checkpoint(CLI::App& app, CheckpointOptions& options);

/// Evaluates a checkpoint on data, its run's own or any other, and writes of them what a training writes of
/// its parts.
int evaluate_checkpoint(const CheckpointOptions& options, const LogOptions& log_options,
                        const Console& console);

}  // namespace fer
