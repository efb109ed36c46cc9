#pragma once

#include <cstdint>
#include <string>

#include "fer/config/data_config.hpp"
#include "fer/config/image_config.hpp"
#include "fer/config/train_config.hpp"

namespace fer {

/// What a run is called, where it lies, and its seed: `experiment`.
struct RunConfig {
  std::string name = "fer";
  std::uint64_t seed = 42;
  std::string output = "runs";
  bool operator==(const RunConfig&) const = default;
};

/// The network and where its weights begin: `model`; see ClassifierOptions.
struct ModelConfig {
  std::string backbone = "mobilenet_v2";
  std::string weights = "imagenet";  ///< imagenet | auto (imagenet where found, else none) | none | a path
  double dropout = 0.2;
  double width = 1;
  double stochastic_depth = 0.2;
  bool operator==(const ModelConfig&) const = default;
};

/// One training experiment, as its YAML says it; load_experiment() reads it. Each field's sentence, range and
/// choices stand in src/config/experiment.cpp, from which parsing, errors, --dump-config and
/// docs/configuration.md are made.
struct Experiment {
  RunConfig experiment;
  DataConfig data;
  FaceConfig face;
  InputConfig input;
  AugmentConfig augment;
  ModelConfig model;
  TrainConfig train;
  bool operator==(const Experiment&) const = default;
};

}  // namespace fer
