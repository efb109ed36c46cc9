#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fer {

/// One training experiment, as its YAML says it. Each field's sentence, range and choices stand in
/// src/config/experiment.cpp, from which parsing, errors, --dump-config and docs/configuration.md are made.

struct RunConfig {
  std::string name = "fer";
  std::uint64_t seed = 42;
  std::string output = "runs";
  bool operator==(const RunConfig&) const = default;
};

struct SourceConfig {
  std::string kind = "kdef";  // kdef | folder | csv | fer2013_csv
  std::string root;           // folder, or the list file
  bool operator==(const SourceConfig&) const = default;
};

struct SplitConfig {
  std::string method = "subject";  // subject | random | source (train/val/test as the data set says itself)
  double val = 0.15;               // shares of the samples (random) or subjects (subject)
  double test = 0.0;
  bool operator==(const SplitConfig&) const = default;
};

struct DataConfig {
  std::vector<SourceConfig> sources;
  std::vector<std::string> classes;  // empty: the canonical seven
  SplitConfig split;
  std::string on_bad_file = "skip";  // skip | error
  int workers = -1;                  // -1: one per core
  bool operator==(const DataConfig&) const = default;
};

struct FaceConfig {
  std::string detector = "haar";
  double margin = 0.2;
  double min_size = 0.1;
  std::string missing = "use_image";  // skip | use_image | error
  bool grey = false;
  bool operator==(const FaceConfig&) const = default;
};

struct InputConfig {
  int size = 224;
  bool operator==(const InputConfig&) const = default;
};

struct AugmentConfig {
  double flip = 0.5;        // probability
  double shift = 0.05;      // largest shift, share of the side
  double scale = 0.1;       // largest relative change of size
  double rotate = 10;       // largest angle, degrees
  double brightness = 0.2;  // largest relative change
  double contrast = 0.2;
  double colour = 0.1;  // largest relative change of saturation
  double blur = 0.1;    // probability
  double noise = 0.1;   // probability
  double erase = 0.1;   // probability
  bool operator==(const AugmentConfig&) const = default;
};

struct ModelConfig {
  std::string backbone = "mobilenet_v2";
  std::string weights = "imagenet";  // imagenet | auto (imagenet where found, else none) | none | a path
  double dropout = 0.2;
  bool operator==(const ModelConfig&) const = default;
};

struct StageConfig {
  std::string trainable = "all";  // head | all
  int epochs = 0;                 // 0: what is left of train.epochs
  double lr = 1e-4;
  bool operator==(const StageConfig&) const = default;
};

struct OptimizerConfig {
  std::string name = "adamw";  // adamw | sgd
  double weight_decay = 1e-4;
  double momentum = 0.9;  // sgd
  bool operator==(const OptimizerConfig&) const = default;
};

struct EarlyStoppingConfig {
  std::string monitor = "val_loss";  // val_loss | val_accuracy | val_macro_f1
  int patience = 0;                  // epochs without improvement; 0: never stop early
  bool operator==(const EarlyStoppingConfig&) const = default;
};

struct TrainConfig {
  int epochs = 245;
  int batch_size = 32;
  std::vector<StageConfig> stages = {StageConfig{}};
  OptimizerConfig optimizer;
  std::string schedule = "cosine";  // constant | cosine, over each stage
  double label_smoothing = 0.0;
  std::string select = "val_accuracy";  // which epoch is kept as best
  EarlyStoppingConfig early_stopping;
  std::string device = "auto";
  bool operator==(const TrainConfig&) const = default;
};

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
