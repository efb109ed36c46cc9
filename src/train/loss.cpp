#include "fer/train/loss.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/mv.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <numeric>

#include "fer/core/error.hpp"

namespace fer {

std::vector<double> balanced_class_weights(std::span<const int> labels, int classes) {
  std::vector<double> counts;
  for (int label = 0; label < classes; ++label) {
    counts.push_back(static_cast<double>(std::ranges::count(labels, label)));
  }
  const auto present = static_cast<double>(classes - std::ranges::count(counts, 0.0));
  std::vector<double> weights;
  for (const double count : counts) {
    weights.push_back(count > 0 ? static_cast<double>(labels.size()) / (present * count) : 1.0);
  }
  return weights;
}

std::vector<double> class_prior(const LossConfig& config, std::span<const int> labels,
                                std::span<const double> sampling, int classes,
                                std::span<const std::vector<float>> shares) {
  const std::vector<double> weights = balanced_class_weights(labels, classes);
  std::vector<double> prior(weights.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto label = static_cast<std::size_t>(labels[i]);
    const double drawn = sampling.empty() ? 1 : sampling[i];
    const bool weighted = config.class_weights == "balanced";
    if (shares.empty()) {
      prior[label] += drawn * (weighted ? weights[label] : 1);
      continue;
    }
    // The loss weighs a sample as a whole, by the mean weight of its classes.
    const double weight =
        weighted ? std::inner_product(weights.begin(), weights.end(), shares[i].begin(), 0.0) : 1;
    for (std::size_t c = 0; c < prior.size(); ++c) prior[c] += drawn * weight * shares[i][c];
  }
  const double sum = std::accumulate(prior.begin(), prior.end(), 0.0);
  for (double& share : prior) share /= sum;
  return prior;
}

Loss::Loss(const LossConfig& config, std::span<const double> class_weights) : config_(config) {
  if (config.name != "cross_entropy" && config.name != "focal") {
    throw usage_error("train.loss.name: '{}' is none of cross_entropy, focal", config.name);
  }
  if (!class_weights.empty()) {
    class_weights_ = at::tensor(std::vector<float>(class_weights.begin(), class_weights.end()));
  }
}

at::Tensor Loss::operator()(const at::Tensor& logits, const at::Tensor& targets) const {
  const at::Tensor log_p = at::log_softmax(logits.to(at::kFloat), 1);
  at::Tensor terms = log_p;
  if (config_.name == "focal") terms = at::pow(1 - log_p.exp(), config_.gamma) * terms;
  const double smoothing = config_.label_smoothing;
  const at::Tensor smooth = targets * (1 - smoothing) + smoothing / static_cast<double>(targets.size(1));
  const at::Tensor losses = -(smooth * terms).sum(1);
  if (!class_weights_.defined()) return losses.mean();
  const at::Tensor weights = weights_of(targets);
  return (losses * weights).sum() / weights.sum();
}

double Loss::weight(const at::Tensor& targets) const { return weights_of(targets).sum().item<double>(); }

at::Tensor Loss::weights_of(const at::Tensor& targets) const {
  return at::mv(targets, class_weights_.to(targets.device(), /*non_blocking=*/true));
}

}  // namespace fer
