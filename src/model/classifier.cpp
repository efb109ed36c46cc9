#include "fer/model/classifier.hpp"

#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "spelling.hpp"

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
  const TensorMap complete = with_counters(in_own_spelling(classifier, weights), state);
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

TensorMap weights_of(const Classifier& classifier) {
  TensorMap weights = state_of(classifier);
  for (auto& [name, tensor] : weights) tensor = tensor.detach().cpu().contiguous().clone();
  return weights;
}

void load_weights(Classifier& classifier, const TensorMap& weights, const std::string& source) {
  copy_weights(classifier, weights, {}, source);
}

std::string load_backbone_weights(Classifier& classifier, TensorMap weights, std::string_view head,
                                  const std::string& source) {
  std::string changes = classifier.fit(weights);
  copy_weights(classifier, weights, head, source);
  return changes;
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
