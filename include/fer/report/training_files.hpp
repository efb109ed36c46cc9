#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fer/data/protocol.hpp"
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
  std::string precision;  ///< "fp32" or "bf16"
  std::uint64_t seed = 0;
  std::vector<std::string> command;  ///< program and arguments
  std::string started;               ///< ISO 8601, UTC
  std::vector<std::string> resumed;  ///< when it went on after a stop, likewise
  std::string split;                 ///< split_text() of these:
  SplitFacts split_facts;
  std::string data_sha256;
  std::string weights;                          ///< path of the starting weights, or "random"
  std::string weights_sha256;                   ///< empty for random ones
  std::map<std::string, std::string> teachers;  ///< checkpoints that the run learns from, with their SHA-256
  std::string end;  ///< "running", "finished", "early_stopped", "out_of_time" or "stopped"
  int best_epoch = 0;
};

/// manifest.json.
std::string manifest_json(const Manifest& manifest);

/// What manifest_json() wrote. Throws a data error for anything else.
Manifest parse_manifest(std::string_view text);

/// One of several runs that differ in their seed or fold alone.
struct SeriesRun {
  std::uint64_t number = 0;  ///< the seed or fold
  std::string folder;
  Metrics metrics;  ///< of the part the protocol reports
};

/// What each run gave under its number, called `what` ("seed", "fold"), and mean and standard deviation over
/// them.
std::string series_json(const std::string& what, std::span<const SeriesRun> runs);

}  // namespace fer
