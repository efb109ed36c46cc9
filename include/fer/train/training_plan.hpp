#pragma once

#include <filesystem>
#include <string>

#include "fer/config/experiment.hpp"
#include "fer/train/process_group.hpp"

namespace fer {

/// Where a training's weights start and what it runs on, settled before it begins.
struct TrainingPlan {
  std::filesystem::path weights;        ///< empty: random
  std::string device;                   ///< such as "cpu, 2 threads"
  bool resume = false;                  ///< go on from the run folder's state.safetensors
  const ProcessGroup* group = nullptr;  ///< the processes that train together; null: this one alone

  bool leads() const { return group == nullptr || group->leads(); }
};

/// What a rank computes on: of "auto" and "cuda", where there are GPUs, the one of its number among the ranks
/// of its machine. Throws as select_device() does.
c10::Device rank_device(const std::string& device, const RankFacts& facts);

/// Looks up the starting weights in `models_folder`, $FER_MODELS and the user's cache. Throws a data error
/// that says how to get them if the experiment insists on them and they are nowhere, a usage error for a
/// device that is not there and for a stage's size that the backbone does not take, and as check_options()
/// and, for teachers, load_checkpoint() do.
TrainingPlan plan_training(const Experiment& experiment, const std::filesystem::path& models_folder);

/// For a run that goes on: the device alone, as the weights lie in the run folder.
TrainingPlan plan_resumption(const Experiment& experiment);

}  // namespace fer
