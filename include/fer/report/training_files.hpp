#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fer/train/training_result.hpp"

namespace fer {

/// results.csv: one row per epoch.
std::string results_csv(std::span<const EpochResult> epochs);

/// What a run was made of and with.
struct Manifest {
  std::string version;  ///< of this project
  std::string libtorch;
  std::string opencv;
  std::string device;
  std::uint64_t seed = 0;
  std::vector<std::string> command;  ///< program and arguments
  std::string started;               ///< ISO 8601, UTC
  std::string split;                 ///< method, and whether parts share subjects
  std::string data_sha256;
  std::string weights;         ///< path of the starting weights, or "random"
  std::string weights_sha256;  ///< empty for random ones
  std::string end;             ///< "running", "finished", "early_stopped" or "stopped"
  int best_epoch = 0;
};

/// manifest.json.
std::string manifest_json(const Manifest& manifest);

}  // namespace fer
