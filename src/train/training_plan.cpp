#include "fer/train/training_plan.hpp"

#include <torch/cuda.h>

#include "fer/core/error.hpp"
#include "fer/core/model_files.hpp"
#include "fer/core/shipped_models.hpp"
#include "fer/model/backbones.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/device.hpp"

namespace fer {
namespace {

/// Usage errors for what a stage asks of the backbone that it cannot do.
void check_stage_sizes(const Experiment& experiment) {
  const BackboneKind& kind = backbone(experiment.model.backbone);
  for (std::size_t i = 0; i < experiment.train.stages.size(); ++i) {
    const int size = experiment.train.stages[i].size;
    if (size == 0 || size == experiment.input.size || kind.size_step == 1) continue;
    throw usage_error("train.stages.{}.size: {} learns at input.size = {} alone, not at {}", i, kind.name,
                      experiment.input.size, size);
  }
}

}  // namespace

c10::Device rank_device(const std::string& device, const RankFacts& facts) {
  const c10::Device first = select_device(device);
  if (first.is_cpu() || device.starts_with("cuda:")) return first;
  return {c10::kCUDA, static_cast<c10::DeviceIndex>(facts.local_rank % torch::cuda::device_count())};
}

TrainingPlan plan_training(const Experiment& experiment, const std::filesystem::path& models_folder) {
  TrainingPlan plan{
      .weights = {}, .device = device_text(select_device(experiment.train.device)), .resume = false};
  check_options({.backbone = experiment.model.backbone,
                 .width = experiment.model.width,
                 .input_size = experiment.input.size});
  check_stage_sizes(experiment);
  for (const std::string& teacher : experiment.train.distill.teachers) load_checkpoint(teacher);
  const std::string& weights = experiment.model.weights;
  const ModelFile pretrained = imagenet_weights(experiment.model.backbone);
  if (weights == "imagenet") {
    plan.weights = require_model_file(pretrained, models_folder);
  } else if (weights == "auto") {
    plan.weights = find_model_file(pretrained, models_folder).value_or("");
  } else if (weights != "none") {
    plan.weights = model_path(weights);
    if (!std::filesystem::exists(plan.weights)) {
      throw data_error("{}: there is no such file (model.weights: imagenet, auto, none, fer, tiny or a path)",
                       weights);
    }
  }
  return plan;
}

TrainingPlan plan_resumption(const Experiment& experiment) {
  return {.weights = {}, .device = device_text(select_device(experiment.train.device)), .resume = true};
}

}  // namespace fer
