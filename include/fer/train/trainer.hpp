#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "fer/core/stop.hpp"
#include "fer/train/training_data.hpp"
#include "fer/train/training_plan.hpp"
#include "fer/train/training_result.hpp"

namespace fer {

/// A training as it begins or goes on.
struct StartFacts {
  std::span<const EpochResult> history;  ///< epochs done before; empty where it begins
  bool bf16 = false;
  int threads = 1;
  int threads_before = 1;   ///< when it was saved: with another number the result is not the same bit for bit
  std::string fitted = {};  ///< how starting weights were made to fit the input's size; empty: as they were
};

/// A stage as it begins or goes on.
struct StageFacts {
  int stage = 0;                 ///< 1-based
  std::string trainable;         ///< such as "head" or "head and the last 3 blocks"
  int epochs = 0;                ///< configured
  std::size_t cached_bytes = 0;  ///< of activations computed once; 0: every batch goes all the way
};

/// What a training tells while it runs. Every call comes from the thread that trains.
class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  /// Once, before anything else.
  virtual void on_start(const StartFacts& /*start*/) {}
  /// During what takes time besides the epochs, such as "computing what does not learn"; total 0: not known.
  virtual void on_step(std::string_view /*step*/, std::size_t /*done*/, std::size_t /*total*/) {}
  virtual void on_stage(const StageFacts& /*stage*/) {}
  virtual void on_batch(int epoch, std::size_t done, std::size_t total) = 0;
  /// While the epoch's validation predicts samples.
  virtual void on_validation(std::size_t /*done*/, std::size_t /*total*/) {}
  virtual void on_epoch(const EpochResult& epoch, bool best) = 0;
  /// Training went back to its last saved state and goes on at `scale` times the learning rate.
  virtual void on_rollback(const std::string& /*why*/, double /*scale*/) {}
};

/// Trains stage by stage and evaluates the best epoch. At least every train.save_every seconds, and when it
/// ends for whatever reason but an error, `folder` gets best.safetensors (the epoch best by train.select,
/// with its calibration fitted on the validation part), last.safetensors (the last whole epoch) and
/// state.safetensors, from which a training with `plan.resume` goes on. Early stopping ends a stage, and with
/// the last one the training. When `stop` says so it ends after the batch. A loss that is not finite is a
/// failure that names the batch's first files, all of which stand in diverged.csv, or a rollback, as
/// train.on_divergence says. Same experiment, data, device and number of threads: same weights, bit for bit,
/// on a CPU, however often it was stopped or killed and resumed, unless train.max_time is set. With
/// `plan.group` its processes divide every batch, and rank 0 alone writes and evaluates: the losses are those
/// of one process up to rounding, where BatchNorm is synchronised and nothing is drawn for a batch as a whole
/// (mixing, dropout, stochastic depth); it may go on with another number of processes.
TrainingResult train(const Experiment& experiment, const TrainingPlan& plan, const TrainingData& data,
                     const std::filesystem::path& folder, TrainingObserver& observer, const StopFn& stop);

}  // namespace fer
