#pragma once

#include <filesystem>

#include "fer/model/checkpoint.hpp"
#include "fer/train/process_group.hpp"
#include "fer/train/training_data.hpp"
#include "fer/train/training_state.hpp"

namespace fer {

/// What a training leaves in its run folder while it runs: best.safetensors, last.safetensors,
/// epoch-NNNN.safetensors where several are kept, and state.safetensors.
class RunKeeper {
 public:
  /// In a process of `group` that does not lead it, the best weights are kept in memory and nothing is
  /// written.
  RunKeeper(const Experiment& experiment, const TrainingData& data, std::filesystem::path folder,
            const ProcessGroup& group);

  /// Takes in the last epoch of `progress` with the weights it validated; says so there if it is the best.
  void keep(TrainingProgress& progress, TensorMap weights, const Calibration& calibration);

  /// Writes the checkpoints that are not yet written.
  void save_checkpoints();

  /// Writes the checkpoints, then the state, to which the best weights are added; of the leader alone.
  void save(TrainingState state);

  /// What save() wrote last, the same in every process.
  TrainingState load();

  const TensorMap& best_weights() const { return best_.weights; }
  std::filesystem::path path(const std::string& name) const { return folder_ / name; }

 private:
  CheckpointInfo info_of(const EpochResult& epoch, const Calibration& calibration) const;
  std::filesystem::path epoch_path(int epoch) const;
  void keep_among_best(const std::vector<EpochResult>& epochs) const;

  const Experiment& experiment_;
  const TrainingData& data_;
  std::filesystem::path folder_;
  const ProcessGroup& group_;
  Checkpoint best_;
  Checkpoint last_;
  bool best_is_saved_ = true;
  bool last_is_saved_ = true;
};

}  // namespace fer
