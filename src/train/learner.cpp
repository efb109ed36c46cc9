#include "learner.hpp"

#include <torch/optim/adamw.h>
#include <torch/optim/sgd.h>

#include "fer/core/error.hpp"
#include "fer/model/image_tensor.hpp"

namespace fer {
namespace {

template <class Options>
std::vector<torch::optim::OptimizerParamGroup> parameter_groups(const Classifier& classifier,
                                                                const Options& options) {
  std::vector<at::Tensor> weights;
  std::vector<at::Tensor> norms_and_biases;
  for (const at::Tensor& parameter : classifier.parameters()) {
    if (parameter.requires_grad()) (parameter.dim() > 1 ? weights : norms_and_biases).push_back(parameter);
  }
  Options undecayed = options;
  undecayed.weight_decay(0);
  std::vector<torch::optim::OptimizerParamGroup> groups;
  groups.emplace_back(weights, std::make_unique<Options>(options));
  groups.emplace_back(norms_and_biases, std::make_unique<Options>(undecayed));
  return groups;
}

/// Evaluation mode for a scope; every module gets its own mode back.
class EvaluationScope {
 public:
  explicit EvaluationScope(Classifier& classifier) {
    for (const auto& module : classifier.modules()) {
      if (module->is_training()) training_.push_back(module);
    }
    classifier.eval();
  }
  ~EvaluationScope() {
    for (const auto& module : training_) module->train();
  }
  EvaluationScope(const EvaluationScope&) = delete;
  EvaluationScope& operator=(const EvaluationScope&) = delete;

 private:
  std::vector<std::shared_ptr<torch::nn::Module>> training_;
};

}  // namespace

PartCrops part_crops(const TrainingData& data, Part part) {
  PartCrops crops{.samples = indices_of(data.parts, part), .crops = {}, .labels = {}};
  for (const std::size_t sample : crops.samples) {
    crops.crops.push_back(data.faces.crops[sample]);
    crops.labels.push_back(data.faces.dataset.samples[sample].label);
  }
  return crops;
}

std::unique_ptr<torch::optim::Optimizer> make_optimizer(const Classifier& classifier,
                                                        const OptimizerConfig& config, double lr) {
  if (config.name == "adamw") {
    const auto options = torch::optim::AdamWOptions(lr).weight_decay(config.weight_decay);
    return std::make_unique<torch::optim::AdamW>(parameter_groups(classifier, options), options);
  }
  if (config.name == "sgd") {
    const auto options =
        torch::optim::SGDOptions(lr).momentum(config.momentum).weight_decay(config.weight_decay);
    return std::make_unique<torch::optim::SGD>(parameter_groups(classifier, options), options);
  }
  throw usage_error("train.optimizer.name: '{}' is none of adamw, sgd", config.name);
}

void set_learning_rate(torch::optim::Optimizer& optimizer, double lr) {
  for (auto& group : optimizer.param_groups()) group.options().set_lr(lr);
}

TensorBatch tensors_of(const Batch& batch, const Preprocessing& preprocessing, c10::Device device) {
  return {.images = to_tensor(batch.pixels, preprocessing).to(device),
          .labels = torch::tensor(batch.labels, torch::kLong).to(device)};
}

std::vector<std::vector<float>> predict_logits(Classifier& classifier, const PartCrops& part,
                                               const Preprocessing& preprocessing, int batch_size) {
  const EvaluationScope evaluation(classifier);
  const torch::InferenceMode inference;
  const c10::Device device = classifier.parameters().front().device();
  BatchLoader loader(part.crops, part.labels, {.batch_size = batch_size});
  loader.start_epoch(0);
  std::vector<std::vector<float>> rows;
  while (const auto batch = loader.next()) {
    const at::Tensor images = tensors_of(*batch, preprocessing, device).images;
    const at::Tensor logits = classifier.forward(images).to(at::kCPU, at::kFloat).contiguous();
    const float* row = logits.const_data_ptr<float>();
    for (std::int64_t i = 0; i < logits.size(0); ++i, row += logits.size(1))
      rows.emplace_back(row, row + logits.size(1));
  }
  return rows;
}

}  // namespace fer
