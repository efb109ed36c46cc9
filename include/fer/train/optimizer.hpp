#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "fer/config/optimizer_config.hpp"
#include "fer/model/classifier.hpp"

namespace fer {

/// Parameters that learn at one rate under one weight decay.
struct ParameterGroup {
  std::vector<std::string> names;
  std::vector<at::Tensor> parameters;
  double rate_share = 1;  ///< of the learning rate
  double weight_decay = 0;
};

/// What learns in the classifier, by block: the head has the whole rate, each block below it `layer_decay` of
/// the one above; no weight decay on norms and biases (what has one dimension).
std::vector<ParameterGroup> parameter_groups(const Classifier& classifier, double weight_decay,
                                             double layer_decay);

/// SGD, Adam (Kingma & Ba 2015) or AdamW (Loshchilov & Hutter 2019), by LibTorch's fused kernels: one pass
/// over each parameter per step.
class Optimizer {
 public:
  /// Throws a usage error for an unknown name.
  Optimizer(std::vector<ParameterGroup> groups, const OptimizerConfig& config);

  void zero_grad();

  /// One step with the gradients as they are, clipped to config.clip_norm. Parameters without one stay.
  void step(double learning_rate);

  /// Moments and step counts by "<kind>/<parameter>", sharing memory with the optimiser.
  std::map<std::string, at::Tensor> state() const;

  /// Copies what state() gave. Throws a data error if names or shapes differ.
  void load_state(const std::map<std::string, at::Tensor>& given);

 private:
  /// Tensors of one group, in step with its parameters.
  struct Moments {
    std::vector<at::Tensor> first;   // momentum of sgd
    std::vector<at::Tensor> second;  // empty for sgd
    std::vector<at::Tensor> steps;   // empty for sgd
  };

  void clip() const;
  void step_group(const ParameterGroup& group, const Moments& moments, double learning_rate) const;

  std::vector<ParameterGroup> groups_;
  OptimizerConfig config_;
  std::vector<Moments> moments_;
};

}  // namespace fer
