#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "fer/core/calibration.hpp"
#include "fer/model/tensor_file.hpp"
#include "fer/train/training_result.hpp"

namespace fer {

/// Where a training stands. All counts begin at 0 and name what comes next.
struct TrainingProgress {
  int stage = 0;
  int epoch_of_stage = 0;
  std::int64_t batch = 0;     ///< of the epoch
  std::int64_t samples = 0;   ///< seen in the epoch
  std::int64_t updates = 0;   ///< optimiser steps of the whole training
  int planned_epochs = 0;     ///< of the stage, as many as fit into train.max_time
  double stage_seconds = 0;   ///< spent in the stage
  double seconds = 0;         ///< spent in all
  double stage_deadline = 0;  ///< of `seconds`; 0: none
  double rate_scale = 1;      ///< halved by each rollback
  int rollbacks = 0;
  bool bf16 = false;
  int threads = 0;
  bool finished = false;
  std::string data;         ///< data_hash() of what it learns from
  int best_epoch = 0;       ///< 1-based; 0: none yet
  Calibration calibration;  ///< of the best epoch
  TrainingEnd end = TrainingEnd::stopped;
  std::vector<EpochResult> epochs;
};

/// All that a training needs to go on as if it had never stopped. Randomness needs no place in it: every draw
/// is made from (seed, epoch, batch or sample).
struct TrainingState {
  TrainingProgress progress;
  TensorMap weights;    ///< the classifier's, as it learns
  TensorMap average;    ///< their moving average; empty without one
  TensorMap optimizer;  ///< Optimizer::state()
  TensorMap figures;    ///< "loss" and "correct", summed over the epoch so far
  TensorMap best;       ///< weights of the best epoch
};

/// One safetensors file; appears whole or not at all.
void save_training_state(const std::filesystem::path& path, const TrainingState& state);

/// Of the content of such a file. Throws a data error naming the path for one that is damaged or no training
/// state.
TrainingState parse_training_state(std::string_view content, const std::filesystem::path& path);

/// Throws likewise, also where the file is missing.
TrainingState load_training_state(const std::filesystem::path& path);

}  // namespace fer
