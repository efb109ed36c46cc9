#pragma once

#include <memory>
#include <optional>

#include "fer/train/loss.hpp"
#include "fer/train/mix.hpp"
#include "fer/train/optimizer.hpp"
#include "fer/train/training_data.hpp"
#include "fer/train/training_state.hpp"
#include "fer/train/weight_average.hpp"
#include "gradient_reducer.hpp"
#include "stage_inputs.hpp"
#include "teachers.hpp"

namespace fer {

/// What a batch gave: sums over its samples, on the device; of several processes, they add up to them.
struct BatchFigures {
  at::Tensor loss;
  at::Tensor correct;
};

/// Whether an experiment's student trains in bfloat16; tried out where it says "auto".
bool trains_in_bf16(const Experiment& experiment, const TrainingData& data, const ProgressFn& progress);

/// The first block that learns in a stage.
int boundary_of(const StageConfig& stage, const Classifier& classifier);

/// What of the classifier learns in a stage, such as "head and the last 3 blocks".
std::string trainable_text(const StageConfig& stage);

/// The classifier with all that changes it: loss, optimiser, averaging, precision. In every process of a
/// group the weights are the same, bit for bit.
class Learner {
 public:
  /// Starts from `weights` (a file for the backbone; empty: random). `labels`: of the training part. Throws a
  /// data error if processes of the group start from different weights.
  Learner(const Experiment& experiment, const TrainingData& data, std::span<const int> labels,
          const std::filesystem::path& weights, const ProcessGroup& group);

  Classifier& classifier() { return *classifier_; }

  /// How the starting weights were made to fit (Classifier::fit()).
  const std::string& fitted() const { return fitted_; }

  /// What is validated and kept: the average where there is one.
  Classifier& evaluated() { return average_ ? average_->classifier() : *classifier_; }

  /// Sets what learns, with a new optimiser.
  void begin_stage(const StageConfig& stage);

  /// Adds a batch's gradients, as one of `batches` that make a step; x enters the classifier at block
  /// `entry`. All randomness comes from `seed`.
  struct BatchOptions {
    int entry = 0;
    std::int64_t batches = 1;
    bool last = true;  // of the step: its gradients go round the processes
    std::uint64_t seed = 0;
    bool bf16 = false;
  };
  BatchFigures learn(const InputBatch& batch, const BatchOptions& options);

  /// One step with the gradients added since the last; `updates` counts the steps before it.
  void step(double learning_rate, std::int64_t updates);

  /// Gives all processes rank 0's BatchNorm statistics, where each has its own.
  void share_statistics();

  /// Whether every weight is a finite number.
  bool is_finite() const;

  /// Weights, average and optimiser, to save and to go on from; begin_stage() comes first.
  void save_to(TrainingState& state) const;
  void restore(const TrainingState& state, const std::string& source);

 private:
  struct BatchShares;
  BatchShares shares_of(const InputBatch& batch, const at::Tensor& targets) const;
  void backward(const at::Tensor& loss, bool last);

  const TrainConfig& config_;
  const ProcessGroup& group_;
  std::int64_t classes_;
  c10::Device device_;
  std::shared_ptr<Classifier> classifier_;
  std::string fitted_;
  std::optional<WeightAverage> average_;
  std::optional<Optimizer> optimizer_;
  std::unique_ptr<GradientReducer> reducer_;  // none for a process alone
  Loss loss_;
  Teachers teachers_;
  int size_ = 0;              // of the stage's images; 0: as they are
  bool batch_counts_ = true;  // the one that is learned
};

}  // namespace fer
