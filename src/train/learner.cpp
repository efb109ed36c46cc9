#include "learner.hpp"

#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/stack.h>
#include <torch/utils.h>

#include <algorithm>

#include "fer/core/error.hpp"
#include "fer/model/device.hpp"
#include "fer/model/precision.hpp"
#include "fer/model/resize.hpp"

namespace fer {
namespace {

std::vector<double> class_weights(const LossConfig& config, std::span<const int> labels, int classes) {
  if (config.class_weights == "none") return {};
  if (config.class_weights == "balanced") return balanced_class_weights(labels, classes);
  throw usage_error("train.loss.class_weights: '{}' is none of none, balanced", config.class_weights);
}

}  // namespace

int boundary_of(const StageConfig& stage, const Classifier& classifier) {
  if (stage.trainable == "all") return 0;
  if (stage.trainable == "head") return classifier.block_count();
  if (stage.trainable == "last_blocks") return std::max(0, classifier.block_count() - stage.blocks);
  throw usage_error("train.stages: trainable '{}' is none of head, last_blocks, all", stage.trainable);
}

std::string trainable_text(const StageConfig& stage) {
  if (stage.trainable != "last_blocks") return stage.trainable;
  return stage.blocks == 1 ? "head and the last block"
                           : fmt::format("head and the last {} blocks", stage.blocks);
}

ClassifierOptions classifier_options(const Experiment& experiment, const TrainingData& data) {
  return {.backbone = experiment.model.backbone,
          .classes = data.faces.dataset.classes.size(),
          .dropout = experiment.model.dropout,
          .width = experiment.model.width,
          .stochastic_depth = experiment.model.stochastic_depth,
          .input_size = experiment.input.size};
}

Learner::Learner(const Experiment& experiment, const TrainingData& data, std::span<const int> labels,
                 const std::filesystem::path& weights)
    : config_(experiment.train),
      classes_(data.faces.dataset.classes.size()),
      device_(select_device(config_.device)),
      loss_(config_.loss, class_weights(config_.loss, labels, data.faces.dataset.classes.size())),
      teachers_(config_.distill, data.faces.dataset.classes, data.preprocessing, device_) {
  const ClassifierOptions options = classifier_options(experiment, data);
  torch::manual_seed(experiment.experiment.seed);
  classifier_ = make_classifier(options);
  if (!weights.empty()) {
    fitted_ = load_backbone_weights(*classifier_, read_weights(weights), backbone(options.backbone).head,
                                    weights.string());
  }
  classifier_->to(device_);
  if (config_.ema > 0) {
    const auto average = make_classifier(options);
    average->to(device_);
    average_.emplace(average, *classifier_, config_.ema);
  }
}

void Learner::begin_stage(const StageConfig& stage) {
  set_trainable(*classifier_, boundary_of(stage, *classifier_));
  size_ = stage.size;
  optimizer_.emplace(parameter_groups(*classifier_, config_.optimizer.weight_decay, stage.layer_decay),
                     config_.optimizer);
}

BatchFigures Learner::learn(const InputBatch& batch, const BatchOptions& options) {
  torch::manual_seed(options.seed);  // for mixing and dropout
  const at::Tensor targets =
      batch.targets.defined() ? batch.targets : at::one_hot(batch.labels, classes_).to(at::kFloat);
  const MixedBatch mixed = mix(config_.mix, {.images = batch.x, .targets = targets});
  at::Tensor logits;
  {
    const AutocastScope autocast(device_, options.bf16);
    logits =
        classifier_->forward_from(options.entry, size_ > 0 ? resized(mixed.images, size_) : mixed.images);
  }
  at::Tensor loss = loss_(logits, mixed.targets);
  if (!teachers_.empty()) {
    const at::Tensor taught = teachers_.loss(logits, teachers_.answers(mixed.images, options.bf16));
    loss = (1 - config_.distill.weight) * loss + config_.distill.weight * taught;
  }
  (options.batches == 1 ? loss : loss / options.batches).backward();
  const at::NoGradGuard no_grad;
  return {.loss = loss * batch.labels.size(0), .correct = logits.argmax(1).eq(batch.labels).sum()};
}

void Learner::step(double learning_rate, std::int64_t updates) {
  optimizer_->step(learning_rate);
  optimizer_->zero_grad();
  if (average_) average_->update(updates);
}

bool Learner::is_finite() const {
  const at::NoGradGuard no_grad;
  return at::stack(at::_foreach_norm(classifier_->parameters())).sum().isfinite().item<bool>();
}

void Learner::save_to(TrainingState& state) const {
  state.weights = weights_of(*classifier_);
  if (average_) state.average = weights_of(average_->classifier());
  if (optimizer_) state.optimizer = optimizer_->state();
}

void Learner::restore(const TrainingState& state, const std::string& source) {
  load_weights(*classifier_, state.weights, source);
  if (average_) load_weights(average_->classifier(), state.average, source);
  if (optimizer_) optimizer_->load_state(state.optimizer);
  classifier_->zero_grad();
}

}  // namespace fer
