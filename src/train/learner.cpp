#include "learner.hpp"

#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>
#include <torch/utils.h>

#include <algorithm>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/model/backbones.hpp"
#include "fer/model/device.hpp"
#include "fer/model/precision.hpp"
#include "fer/model/resize.hpp"
#include "fer/model/shared_norms.hpp"
#include "fer/train/training_plan.hpp"

namespace fer {
namespace {

std::vector<double> class_weights(const LossConfig& config, std::span<const int> labels, int classes) {
  if (config.class_weights == "none") return {};
  if (config.class_weights == "balanced") return balanced_class_weights(labels, classes);
  throw usage_error("train.loss.class_weights: '{}' is none of none, balanced", config.class_weights);
}

std::string digest_of(const TensorMap& weights) {
  std::string digests;
  for (const auto& [name, tensor] : weights)
    digests += sha256({static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()});
  return "SHA-256 " + sha256(digests);
}

std::vector<at::Tensor> learning_parameters(const Classifier& classifier) {
  std::vector<at::Tensor> learning;
  for (const at::Tensor& parameter : classifier.parameters()) {
    if (parameter.requires_grad()) learning.push_back(parameter);
  }
  return learning;
}

at::Tensor part_of(const at::Tensor& loss, double share) { return share == 1 ? loss : loss * share; }

/// The student of an experiment.
ClassifierOptions classifier_options(const Experiment& experiment, const TrainingData& data) {
  return {.backbone = experiment.model.backbone,
          .classes = data.faces.dataset.classes.size(),
          .dropout = experiment.model.dropout,
          .width = experiment.model.width,
          .stochastic_depth = experiment.model.stochastic_depth,
          .input_size = experiment.input.size};
}

}  // namespace

bool trains_in_bf16(const Experiment& experiment, const TrainingData& data, const ProgressFn& progress) {
  const std::string& precision = experiment.train.precision;
  if (precision != "auto") return precision == "bf16";
  return bf16_trains_faster(classifier_options(experiment, data), select_device(experiment.train.device),
                            experiment.train.batch_size, experiment.input.size, progress);
}

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

Learner::Learner(const Experiment& experiment, const TrainingData& data, std::span<const int> labels,
                 const std::filesystem::path& weights, const ProcessGroup& group)
    : config_(experiment.train),
      group_(group),
      classes_(data.faces.dataset.classes.size()),
      device_(rank_device(config_.device, group.facts())),
      loss_(config_.loss, class_weights(config_.loss, labels, data.faces.dataset.classes.size())),
      teachers_(config_.distill, data.faces.dataset.classes, data.preprocessing, device_) {
  const ClassifierOptions options = classifier_options(experiment, data);
  torch::manual_seed(experiment.experiment.seed);
  classifier_ = make_classifier(options);
  if (!weights.empty()) {
    fitted_ = load_backbone_weights(*classifier_, read_weights(weights), backbone(options.backbone).head,
                                    weights.string());
  }
  if (!group_.is_alone())
    group_.require_same("the starting weights", digest_of(weights_of(*classifier_)), ErrorKind::data);
  classifier_->to(device_);
  if (!group_.is_alone() && config_.sync_batchnorm)
    share_norms(*classifier_, [this](at::Tensor& tensor) {
      if (!batch_counts_) tensor.zero_();
      group_.sum(tensor);
      return batch_counts_;
    });
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
  if (!group_.is_alone()) {
    reducer_.reset();
    reducer_ = std::make_unique<GradientReducer>(learning_parameters(*classifier_), group_);
  }
}

/// What of the batch's loss is this process's: of the labels' part, which class weights weigh, and of the
/// teachers'.
struct Learner::BatchShares {
  double labels = 1;
  double taught = 1;
};

Learner::BatchShares Learner::shares_of(const InputBatch& batch, const at::Tensor& targets) const {
  if (group_.is_alone()) return {};
  const double own = batch.counts ? static_cast<double>(batch.labels.size(0)) : 0;
  BatchShares shares;
  shares.taught = own / static_cast<double>(batch.samples.size());
  shares.labels = shares.taught;
  if (loss_.has_class_weights()) {
    at::Tensor weight = at::tensor(batch.counts ? loss_.weight(targets) : 0.0, at::kDouble);
    const double own_weight = weight.item<double>();
    group_.sum(weight);
    shares.labels = own_weight / weight.item<double>();
  }
  return shares;
}

/// The reducer gives the mean over the processes, whose losses add up to the batch's.
void Learner::backward(const at::Tensor& loss, bool last) {
  if (!reducer_) return loss.backward();
  const at::Tensor scaled = loss * group_.size();
  if (last) return reducer_->reduce([&] { scaled.backward(); });
  scaled.backward();
}

BatchFigures Learner::learn(const InputBatch& batch, const BatchOptions& options) {
  batch_counts_ = batch.counts;
  torch::manual_seed(options.seed + static_cast<std::uint64_t>(group_.rank()));  // for mixing and dropout
  const at::Tensor targets =
      batch.targets.defined() ? batch.targets : at::one_hot(batch.labels, classes_).to(at::kFloat);
  const MixedBatch mixed = mix(config_.mix, {.images = batch.x, .targets = targets});
  at::Tensor logits;
  {
    const AutocastScope autocast(device_, options.bf16);
    logits =
        classifier_->forward_from(options.entry, size_ > 0 ? resized(mixed.images, size_) : mixed.images);
  }
  const BatchShares shares = shares_of(batch, mixed.targets);
  at::Tensor loss = part_of(loss_(logits, mixed.targets), shares.labels);
  if (!teachers_.empty()) {
    const at::Tensor taught = teachers_.loss(logits, teachers_.answers(mixed.images, options.bf16));
    loss = (1 - config_.distill.weight) * loss + config_.distill.weight * part_of(taught, shares.taught);
  }
  backward(options.batches == 1 ? loss : loss / options.batches, options.last);
  const at::NoGradGuard no_grad;
  const at::Tensor correct = logits.argmax(1).eq(batch.labels).sum();
  return {.loss = loss * static_cast<std::int64_t>(batch.samples.size()),
          .correct = batch.counts ? correct : at::zeros_like(correct)};
}

void Learner::step(double learning_rate, std::int64_t updates) {
  optimizer_->step(learning_rate);
  optimizer_->zero_grad();
  if (average_) average_->update(updates);
}

void Learner::share_statistics() {
  if (group_.is_alone() || config_.sync_batchnorm) return;
  const auto share = [this](Classifier& classifier) {
    for (at::Tensor& buffer : classifier.buffers()) group_.take_leaders(buffer);
  };
  share(*classifier_);
  if (average_) share(average_->classifier());
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
