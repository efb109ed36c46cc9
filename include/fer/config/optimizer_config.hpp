#pragma once

#include <string>

namespace fer {

/// `train.optimizer`; see Optimizer.
struct OptimizerConfig {
  std::string name = "adamw";  ///< adamw | adam | sgd
  double weight_decay = 1e-4;
  double momentum = 0.9;  ///< sgd
  bool nesterov = false;  ///< sgd
  double beta1 = 0.9;     ///< adam, adamw
  double beta2 = 0.999;   ///< adam, adamw
  double clip_norm = 0;   ///< 0: no clipping
  int accumulate = 1;     ///< batches per step
  bool operator==(const OptimizerConfig&) const = default;
};

/// `train.schedule`; see learning_rate_share().
struct ScheduleConfig {
  std::string name = "cosine";  ///< constant | step | cosine | one_cycle | plateau
  double warmup = 0;            ///< epochs
  double floor = 0.01;          ///< share of the rate at the end
  int step_epochs = 30;         ///< step
  double factor = 0.1;          ///< step, plateau
  int patience = 10;            ///< plateau
  bool operator==(const ScheduleConfig&) const = default;
};

}  // namespace fer
