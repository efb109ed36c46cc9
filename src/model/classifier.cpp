#include "fer/model/classifier.hpp"

#include <torch/nn/modules/container/sequential.h>

#include <array>

#include "conv_norm.hpp"
#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "mobilenet_v2.hpp"

namespace fer {
namespace {

std::string shape_text(const at::Tensor& tensor) {
  return fmt::format("[{}]", fmt::join(tensor.sizes(), ", "));
}

/// Parameters and buffers as they are, sharing memory with the classifier.
TensorMap state_of(const Classifier& classifier) {
  TensorMap state;
  for (const auto& item : classifier.named_parameters()) state.emplace(item.key(), item.value());
  for (const auto& item : classifier.named_buffers()) state.emplace(item.key(), item.value());
  return state;
}

std::vector<std::string> differences(const TensorMap& state, const TensorMap& weights,
                                     std::string_view exempt) {
  const auto is_exempt = [&](const std::string& name) { return !exempt.empty() && name.starts_with(exempt); };
  std::vector<std::string> found;
  for (const auto& [name, own] : state) {
    if (is_exempt(name)) continue;
    const auto given = weights.find(name);
    if (given == weights.end()) {
      found.push_back(fmt::format("{} is missing", name));
    } else if (given->second.sizes() != own.sizes()) {
      found.push_back(
          fmt::format("{} is {} instead of {}", name, shape_text(given->second), shape_text(own)));
    }
  }
  for (const auto& [name, tensor] : weights) {
    if (!is_exempt(name) && !state.contains(name)) found.push_back(fmt::format("{} is not expected", name));
  }
  return found;
}

/// BatchNorm's counter is not in every file; no other entry may be left out.
TensorMap with_counters(const TensorMap& weights, const TensorMap& state) {
  TensorMap complete = weights;
  for (const auto& [name, tensor] : state) {
    if (name.ends_with(".num_batches_tracked")) complete.emplace(name, at::zeros_like(tensor));
  }
  return complete;
}

void copy_weights(Classifier& classifier, const TensorMap& weights, std::string_view exempt,
                  const std::string& source) {
  const torch::NoGradGuard no_grad;
  const TensorMap state = state_of(classifier);
  const TensorMap complete = with_counters(weights, state);
  const std::vector<std::string> found = differences(state, complete, exempt);
  if (!found.empty()) {
    throw data_error("{}: does not fit: {} difference{}: {}", source, found.size(),
                     found.size() == 1 ? "" : "s", join(found, "; "));
  }
  for (const auto& [name, own] : state) {
    if (exempt.empty() || !name.starts_with(exempt)) own.copy_(complete.at(name));
  }
}

}  // namespace

void Classifier::fold() {
  for (const auto& module : modules()) {
    if (auto* foldable = dynamic_cast<Foldable*>(module.get())) foldable->fold();
  }
}

std::span<const BackboneKind> backbones() {
  static const std::array<BackboneKind, 1> table = {{
      {.name = "mobilenet_v2",
       .summary = "MobileNetV2, width 1.0: 2.2 M parameters, 0.3 G multiply-adds at 224 pixels",
       .head = "classifier.",
       .make = make_mobilenet_v2},
  }};
  return table;
}

const BackboneKind& backbone(std::string_view name) {
  std::vector<std::string> names;
  for (const BackboneKind& kind : backbones()) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  throw usage_error("no backbone is called '{}'{} (known: {})", name, did_you_mean(name, names),
                    join(names, ", "));
}

std::shared_ptr<Classifier> make_classifier(const ClassifierOptions& options) {
  auto classifier = backbone(options.backbone).make(options);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : classifier->parameters()) {
    if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
  }
  return classifier;
}

TensorMap weights_of(const Classifier& classifier) {
  TensorMap weights = state_of(classifier);
  for (auto& [name, tensor] : weights) tensor = tensor.detach().cpu().contiguous().clone();
  return weights;
}

void load_weights(Classifier& classifier, const TensorMap& weights, const std::string& source) {
  copy_weights(classifier, weights, {}, source);
}

void load_backbone_weights(Classifier& classifier, const TensorMap& weights, std::string_view head,
                           const std::string& source) {
  copy_weights(classifier, weights, head, source);
}

void set_trainable(Classifier& classifier, int first) {
  classifier.train();
  for (const auto& item : classifier.named_modules(/*name_prefix=*/{}, /*include_self=*/false)) {
    if (classifier.block_of(item.key()) < first) item.value()->eval();
  }
  for (auto& item : classifier.named_parameters()) {
    item.value().set_requires_grad(classifier.block_of(item.key()) >= first);
  }
}

EvaluationScope::EvaluationScope(Classifier& classifier) {
  for (const auto& module : classifier.modules()) modes_.emplace_back(module, module->is_training());
  classifier.eval();
}

EvaluationScope::~EvaluationScope() {
  for (const auto& [module, training] : modes_) module->train(training);
}

}  // namespace fer
