#include "fer/train/optimizer.hpp"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/_fused_sgd.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>
#include <map>

#include "fer/core/error.hpp"

namespace fer {
namespace {

constexpr double kEpsilon = 1e-8;

bool is_sgd(const OptimizerConfig& config) { return config.name == "sgd"; }

}  // namespace

std::vector<ParameterGroup> parameter_groups(const Classifier& classifier, double weight_decay,
                                             double layer_decay) {
  std::map<std::pair<int, bool>, ParameterGroup> groups;
  for (const auto& item : classifier.named_parameters()) {
    if (!item.value().requires_grad()) continue;
    const int below_head = classifier.block_count() - classifier.block_of(item.key());
    const bool decays = item.value().dim() > 1;
    ParameterGroup& group = groups[{layer_decay == 1 ? 0 : below_head, decays}];
    group.rate_share = std::pow(layer_decay, below_head);
    group.weight_decay = decays ? weight_decay : 0;
    group.names.push_back(item.key());
    group.parameters.push_back(item.value());
  }
  std::vector<ParameterGroup> list;
  for (auto& [key, group] : groups) list.push_back(std::move(group));
  return list;
}

Optimizer::Optimizer(std::vector<ParameterGroup> groups, const OptimizerConfig& config)
    : groups_(std::move(groups)), config_(config) {
  if (config.name != "sgd" && config.name != "adam" && config.name != "adamw") {
    throw usage_error("train.optimizer.name: '{}' is none of adamw, adam, sgd", config.name);
  }
  for (const ParameterGroup& group : groups_) {
    Moments& moments = moments_.emplace_back();
    for (const at::Tensor& parameter : group.parameters) {
      if (!is_sgd(config) || config.momentum > 0) moments.first.push_back(at::zeros_like(parameter));
      if (is_sgd(config)) continue;
      moments.second.push_back(at::zeros_like(parameter));
      moments.steps.push_back(at::zeros({}, at::TensorOptions(at::kFloat).device(parameter.device())));
    }
  }
}

void Optimizer::zero_grad() {
  for (const ParameterGroup& group : groups_) {
    for (const at::Tensor& parameter : group.parameters) parameter.mutable_grad().reset();
  }
}

void Optimizer::step(double learning_rate) {
  const at::NoGradGuard no_grad;
  if (config_.clip_norm > 0) clip();
  for (std::size_t i = 0; i < groups_.size(); ++i) step_group(groups_[i], moments_[i], learning_rate);
}

/// As torch::nn::utils::clip_grad_norm_, which waits for a GPU at every step.
void Optimizer::clip() const {
  std::vector<at::Tensor> gradients;
  for (const ParameterGroup& group : groups_) {
    for (const at::Tensor& parameter : group.parameters) {
      if (parameter.grad().defined()) gradients.push_back(parameter.grad());
    }
  }
  if (gradients.empty()) return;
  const at::Tensor norm = at::stack(at::_foreach_norm(gradients)).norm();
  at::_foreach_mul_(gradients, (config_.clip_norm / (norm + 1e-6)).clamp_max(1));
}

void Optimizer::step_group(const ParameterGroup& group, const Moments& moments, double learning_rate) const {
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& parameter : group.parameters) {
    gradients.push_back(parameter.grad().defined() ? parameter.grad() : at::zeros_like(parameter));
  }
  const double rate = learning_rate * group.rate_share;
  if (is_sgd(config_)) {
    at::_fused_sgd_(group.parameters, gradients, moments.first, group.weight_decay, config_.momentum, rate,
                    /*dampening=*/0, config_.nesterov, /*maximize=*/false, /*is_first_step=*/false);
    return;
  }
  at::_foreach_add_(moments.steps, 1);
  if (config_.name == "adam") {
    at::_fused_adam_(group.parameters, gradients, moments.first, moments.second, {}, moments.steps, rate,
                     config_.beta1, config_.beta2, group.weight_decay, kEpsilon, /*amsgrad=*/false,
                     /*maximize=*/false);
  } else {
    at::_fused_adamw_(group.parameters, gradients, moments.first, moments.second, {}, moments.steps, rate,
                      config_.beta1, config_.beta2, group.weight_decay, kEpsilon, /*amsgrad=*/false,
                      /*maximize=*/false);
  }
}

std::map<std::string, at::Tensor> Optimizer::state() const {
  std::map<std::string, at::Tensor> state;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const std::vector<std::string>& names = groups_[i].names;
    const auto add = [&](const std::string& kind, const std::vector<at::Tensor>& tensors) {
      for (std::size_t j = 0; j < tensors.size(); ++j) state.emplace(kind + "/" + names[j], tensors[j]);
    };
    add("first", moments_[i].first);
    add("second", moments_[i].second);
    add("steps", moments_[i].steps);
  }
  return state;
}

void Optimizer::load_state(const std::map<std::string, at::Tensor>& given) {
  const auto own = state();
  for (const auto& [name, tensor] : own) {
    const auto found = given.find(name);
    if (found == given.end() || found->second.sizes() != tensor.sizes() || given.size() != own.size()) {
      throw data_error("the optimiser's saved state does not fit this experiment ('{}' differs)", name);
    }
    tensor.copy_(found->second);
  }
}

}  // namespace fer
