#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fer/app/program.hpp"
#include "fer/train/trainer.hpp"
#include "log.hpp"

namespace fer {

struct RunRequest {
  Experiment experiment;
  TrainingPlan plan;
  std::filesystem::path folder;  ///< where it goes on (plan.resume)
  bool exist_ok = false;
  std::string series = {};             ///< which of several runs it is, such as "fold 3/10"
  std::string program = "fer-train";   ///< for the manifest
  std::vector<std::string> arguments;  ///< likewise
};

struct TrainingRun {
  std::filesystem::path folder;
  TrainingResult result;
};

/// The latest run of the experiment's name that can be gone on with, if there is one; throws a usage error if
/// it is one of another experiment.
std::optional<std::filesystem::path> find_same_run(const Experiment& experiment);

/// One training from its run folder to its files and the lines on stdout; in a rank that does not lead, the
/// training alone, without evaluations.
TrainingRun run_training(const RunRequest& request, const TrainingData& data, const Console& console,
                         Log& log);

}  // namespace fer
