#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "fer/config/loss_config.hpp"

namespace fer {

/// Per class, inverse to its share of the labels and 1 on average over the samples; 1 for a class without
/// any.
std::vector<double> balanced_class_weights(std::span<const int> labels, int classes);

/// The shares of the classes as the training sees them: each label counts as often as it is drawn
/// (`sampling`, sampling_weights(); empty: once), times the weight that a balanced loss gives its class. With
/// either balanced over the classes every class that occurs has the same share; with both the rarest has the
/// largest. Soft labels (`shares`; empty: none), in step with the labels, give each class its share of a
/// sample. In class order, sum 1; at least one label.
std::vector<double> class_prior(const LossConfig& config, std::span<const int> labels,
                                std::span<const double> sampling, int classes,
                                std::span<const std::vector<float>> shares = {});

/// Mean loss of a batch.
/// cross_entropy: -sum_c t_c log p_c. focal (Lin et al. 2017): each term times (1 - p_c)^gamma. Label
/// smoothing spreads its share of the targets over all classes (Szegedy et al. 2016). With class weights a
/// sample counts by the weight of its target, and the mean is the weighted one, as in PyTorch.
class Loss {
 public:
  /// `class_weights` is empty or holds one per class.
  Loss(const LossConfig& config, std::span<const double> class_weights);

  /// Logits [N,C] of any float type and targets [N,C], which sum to 1 over the classes, to a float scalar.
  at::Tensor operator()(const at::Tensor& logits, const at::Tensor& targets) const;

  bool has_class_weights() const { return class_weights_.defined(); }

  /// What the mean is divided by, where there are class weights: the sum of the samples'.
  double weight(const at::Tensor& targets) const;

 private:
  at::Tensor weights_of(const at::Tensor& targets) const;

  LossConfig config_;
  at::Tensor class_weights_;  // [C] or undefined
};

}  // namespace fer
