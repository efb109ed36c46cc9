#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

#include "fer/core/progress.hpp"
#include "fer/core/stop.hpp"
#include "fer/data/batch_loader.hpp"
#include "fer/model/classifier.hpp"
#include "fer/train/process_group.hpp"
#include "part_crops.hpp"

namespace fer {

/// This process's slice of a batch, as block `StageInputs::entry()` of the classifier takes it.
struct InputBatch {
  at::Tensor x;
  at::Tensor labels;                 // [N], long
  at::Tensor targets;                // [N,C], float: shares of soft labels; undefined: the labels alone
  bool counts = true;                // false: other processes have the batch; this one only takes part
  std::vector<std::size_t> samples;  // of the whole batch, positions in the part
};

struct StageInputsOptions {
  int classes = 0;   // of the classifier
  int boundary = 0;  // the first block that learns
  int views = 0;     // fixed augmented views per sample; 0: a new one every epoch
  bool bf16 = false;
  std::size_t max_bytes = 0;  // for cached activations; 0: none
  BatchLoaderOptions loader;
};

/// What a stage trains and validates on: crops, or, where the blocks below the boundary give the same for
/// every epoch and there is room, their activations, computed once. Processes of a group divide each batch,
/// and the batches of what is only predicted, among them.
class StageInputs {
 public:
  StageInputs(const PartCrops& train, const PartCrops& val, const Preprocessing& preprocessing,
              const ProcessGroup& group, StageInputsOptions options);

  /// Fills the cache of activations if it can be; the classifier is set up for the stage. False: `stop` said
  /// so, to one process or several.
  bool prepare(Classifier& classifier, const ProgressFn& progress, const StopFn& stop);

  /// The block at which batches enter the classifier.
  int entry() const { return train_activations_.defined() ? options_.boundary : 0; }

  /// Of cached activations.
  std::size_t bytes() const;

  std::int64_t batches_per_epoch() const { return static_cast<std::int64_t>(order_.batches()); }

  void start_epoch(std::size_t epoch, std::size_t first_batch);
  std::optional<InputBatch> next();

  /// Logits of every validation crop, in order, without augmentation, in evaluation mode and float
  /// arithmetic.
  std::vector<std::vector<float>> val_logits(Classifier& classifier, const ProgressFn& progress) const;

 private:
  std::size_t view_of(std::size_t epoch) const;
  InputBatch of_crops();
  InputBatch of_activations() const;

  const PartCrops& train_;
  const PartCrops& val_;
  const Preprocessing& preprocessing_;
  const ProcessGroup& group_;
  StageInputsOptions options_;
  BatchOrder order_;
  BatchLoader loader_;
  c10::Device device_ = c10::kCPU;
  at::Tensor train_activations_;  // [views * samples, ...], or undefined
  at::Tensor val_activations_;    // [samples, ...], or undefined
  std::vector<std::size_t> epoch_order_;
  std::size_t epoch_ = 0;
  std::size_t next_batch_ = 0;
};

/// How a part is predicted.
struct LogitsOptions {
  const Preprocessing& preprocessing;
  const ProcessGroup& group;  // whose processes divide the batches among them
  int classes = 0;
  int batch_size = 32;
  ProgressFn progress = {};
};

/// Logits of every crop, in order, in evaluation mode and float arithmetic: the same, bit for bit, for any
/// number of processes. Leaves the classifier's modes as they were.
std::vector<std::vector<float>> predict_logits(Classifier& classifier, const PartCrops& part,
                                               const LogitsOptions& options);

}  // namespace fer
