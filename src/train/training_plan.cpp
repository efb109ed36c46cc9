#include "fer/train/training_plan.hpp"

#include "fer/core/error.hpp"
#include "fer/core/model_files.hpp"
#include "fer/model/classifier.hpp"
#include "fer/model/device.hpp"

namespace fer {

TrainingPlan plan_training(const Experiment& experiment, const std::filesystem::path& models_folder) {
  TrainingPlan plan{
      .weights = {}, .device = device_text(select_device(experiment.train.device)), .resume = false};
  check_options({.backbone = experiment.model.backbone,
                 .width = experiment.model.width,
                 .input_size = experiment.input.size});
  const std::string& weights = experiment.model.weights;
  const ModelFile pretrained = imagenet_weights(experiment.model.backbone);
  if (weights == "imagenet") {
    plan.weights = require_model_file(pretrained, models_folder);
  } else if (weights == "auto") {
    plan.weights = find_model_file(pretrained, models_folder).value_or("");
  } else if (weights != "none") {
    plan.weights = weights;
    if (!std::filesystem::exists(plan.weights)) {
      throw data_error("{}: there is no such file (model.weights: imagenet, auto, none or a path)", weights);
    }
  }
  return plan;
}

TrainingPlan plan_resumption(const Experiment& experiment) {
  return {.weights = {}, .device = device_text(select_device(experiment.train.device)), .resume = true};
}

}  // namespace fer
