#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "fer/app/program.hpp"
#include "fer/model/predictor.hpp"
#include "log.hpp"

namespace fer {

/// `fer-bench model`: what backbones cost and how fast the predictor is with them here.
struct ModelBenchOptions {
  std::vector<std::string> names;
  bool all = false;
  int size = 0;  ///< 0: each backbone's own
  double width = 1;
  int batch = 32;
  int classes = 7;
  int threads = 0;  ///< 0: one per core
  PredictorOptions predictor = {};
  std::filesystem::path json;
};

void describe(CLI::App& command, ModelBenchOptions& options);

/// Each backbone is measured in processes of its own, from a checkpoint with random weights that goes to the
/// system's folder for temporary files. One that fails is named, and the others go on.
int bench_models(const ModelBenchOptions& options, const LogOptions& log, const Console& console);

}  // namespace fer
