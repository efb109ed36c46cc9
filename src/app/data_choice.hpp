#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "fer/config/experiment.hpp"

namespace fer {

/// Which labelled images a checkpoint is given: data sets named one by one, those of an experiment, or else
/// those its own run was made with.
struct DataChoice {
  std::vector<std::filesystem::path> data;  ///< folders or lists; in place of an experiment's sources
  std::string kind = "auto";
  std::vector<std::string> words;  ///< "WORD=CLASS", for every source
  std::vector<std::filesystem::path> configs;
  std::vector<std::string> overrides;
  std::filesystem::path models_folder;
};

/// --kind, --map, -c, --set and --models-dir.
void describe_data(CLI::App& app, DataChoice& choice);

/// Whether the data are those the checkpoint's run was made with.
inline bool is_own_data(const DataChoice& choice) { return choice.data.empty() && choice.configs.empty(); }

/// The data in place of the sources of -c, or of the run's own config.yaml. Throws a usage error that names
/// the checkpoint where neither is there.
Experiment experiment_of(const DataChoice& choice, const std::filesystem::path& checkpoint);

}  // namespace fer
