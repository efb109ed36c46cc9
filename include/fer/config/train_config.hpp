#pragma once

#include <string>
#include <vector>

#include "fer/config/loss_config.hpp"
#include "fer/config/optimizer_config.hpp"

namespace fer {

/// What learns, for how long and how fast: an entry of `train.stages`.
struct StageConfig {
  std::string trainable = "all";  ///< head | last_blocks | all
  int blocks = 1;                 ///< of last_blocks
  int epochs = 0;                 ///< 0: what is left of train.epochs
  double lr = 1e-4;
  double layer_decay = 1;  ///< factor of the learning rate per block, from the head down
  int views = 0;           ///< fixed augmented views per image; 0: a new one every epoch
  int size = 0;            ///< of the images while training; 0: input.size
  bool operator==(const StageConfig&) const = default;
};

/// When a stage ends before its epochs are over: `train.early_stopping`.
struct EarlyStoppingConfig {
  std::string monitor = "val_loss";
  int patience = 0;  ///< epochs without improvement; 0: never stop early
  bool operator==(const EarlyStoppingConfig&) const = default;
};

/// How it is trained: `train`.
struct TrainConfig {
  int epochs = 245;
  int batch_size = 32;
  std::vector<StageConfig> stages = {StageConfig{}};
  OptimizerConfig optimizer;
  ScheduleConfig schedule;  ///< over each stage
  LossConfig loss;
  MixConfig mix;
  DistillConfig distill;
  std::vector<std::string> balance;  ///< attributes, `label` and `source` among them
  double ema = 0;                    ///< decay of the averaged weights; 0: none
  std::string precision = "fp32";    ///< fp32 | bf16 | auto
  std::string device = "auto";
  std::string select = "val_accuracy";  ///< which epoch is kept as best
  int keep_best = 1;
  std::string calibration = "temperature";  ///< temperature | vector | none
  EarlyStoppingConfig early_stopping;
  std::string max_time = "none";
  std::string on_divergence = "stop";  ///< stop | rollback
  double save_every = 60;              ///< seconds
  double activation_cache_gb = 1;
  int repeats = 1;
  bool sync_batchnorm = true;  ///< of several processes
  bool tensorboard = false;
  bool operator==(const TrainConfig&) const = default;
};

}  // namespace fer
