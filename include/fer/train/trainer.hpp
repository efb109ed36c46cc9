#pragma once

#include <filesystem>
#include <string>

#include "fer/core/stop.hpp"
#include "fer/train/training_data.hpp"
#include "fer/train/training_result.hpp"

namespace fer {

/// What a training tells while it runs. Every call comes from the thread that trains.
class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  virtual void on_batch(int epoch, std::size_t done, std::size_t total) = 0;
  virtual void on_epoch(const EpochResult& epoch, bool best) = 0;
};

/// Where a training's weights start and what it runs on, settled before it begins.
struct TrainingPlan {
  std::filesystem::path weights;  ///< empty: random
  std::string device;             ///< such as "cpu, 2 threads"
};

/// Looks up the starting weights in `models_folder`, $FER_MODELS and the user's cache. Throws a data error
/// that says how to get them if the experiment insists on them and they are nowhere, a usage error for a
/// device that is not there.
TrainingPlan plan_training(const Experiment& experiment, const std::filesystem::path& models_folder);

/// Trains stage by stage and evaluates the best epoch. After every epoch `folder` holds last.safetensors, and
/// best.safetensors of the epoch best by train.select so far, with its temperature fitted on the validation
/// part. Early stopping ends a stage, and with the last one the training. When `stop` says so it ends after
/// the batch. Same experiment, data and number of threads: same weights, bit for bit, on a CPU.
TrainingResult train(const Experiment& experiment, const TrainingPlan& plan, const TrainingData& data,
                     const std::filesystem::path& folder, TrainingObserver& observer, const StopFn& stop);

}  // namespace fer
