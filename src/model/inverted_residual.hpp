#pragma once

#include <optional>
#include <string>

#include "conv_norm.hpp"

namespace fer {

/// What a squeeze-excitation's second layer ends with.
enum class Gate { sigmoid, hard_sigmoid };

struct SqueezeSpec {
  int channels = 0;  ///< it squeezes to; 0: there is none
  Activation activation = Activation::silu;
  Gate gate = Gate::sigmoid;
};

/// Squeeze-and-excitation (Hu et al. 2018): each channel times what a small network makes of all their means.
class SqueezeExcitation {
 public:
  SqueezeExcitation(int channels, const SqueezeSpec& spec);

  at::Tensor forward(const at::Tensor& x);

  /// As Block::append_to(), with the names of its two layers.
  int append_to(LayerList& layers, int x, const std::string& reduce, const std::string& widen) const;

  const torch::nn::Conv2d& reduce() const { return reduce_; }
  const torch::nn::Conv2d& widen() const { return widen_; }

 private:
  SqueezeSpec spec_;
  torch::nn::Conv2d reduce_;
  torch::nn::Conv2d widen_;
};

struct InvertedResidualSpec {
  int in = 0;
  int hidden = 0;
  int out = 0;
  int kernel = 3;
  int stride = 1;
  Activation activation = Activation::relu6;
  SqueezeSpec squeeze = {};
  NormSpec norm = {};
  double stochastic_depth = 0;

  bool expands() const { return hidden != in; }
  bool squeezes() const { return squeeze.channels > 0; }
};

/// From the classifier down; empty for what the block does not have.
struct InvertedResidualNames {
  ConvNormNames expand;
  ConvNormNames filter;
  std::string reduce;
  std::string widen;
  ConvNormNames project;
};

/// Expand (1x1), filter per channel, squeeze-excitation, project (1x1), of which the first and the third may
/// be absent; with a shortcut where input and output agree (Sandler et al. 2018). In training a sample takes
/// the shortcut alone with the probability `stochastic_depth` (Huang et al. 2016), drawn from torch's default
/// generator, and the other samples' way counts for more.
class InvertedResidual final : public Block {
 public:
  InvertedResidual(const InvertedResidualSpec& spec, InvertedResidualNames names);

  at::Tensor forward(const at::Tensor& x) override;
  int append_to(LayerList& layers, int x) const override;
  NamedModules modules() const override;

 private:
  at::Tensor drop_samples(const at::Tensor& y) const;

  InvertedResidualNames names_;
  bool shortcut_;
  double stochastic_depth_;
  std::optional<ConvNorm> expand_;
  ConvNorm filter_;
  std::optional<SqueezeExcitation> squeeze_;
  ConvNorm project_;
};

}  // namespace fer
