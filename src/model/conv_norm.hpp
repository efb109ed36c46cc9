#pragma once

#include <torch/nn/modules/conv.h>

#include <string>

#include "block_chain.hpp"
#include "fer/model/activation.hpp"
#include "norm_relu6.hpp"

namespace fer {

struct NormSpec {
  double eps = 1e-5;
  double momentum = 0.1;
};

struct ConvNormSpec {
  int in;
  int out;
  int kernel = 1;
  int stride = 1;
  int groups = 1;
  Activation activation = Activation::none;
  NormSpec norm = {};
};

/// What the two modules of a ConvNorm are called, from the classifier down.
struct ConvNormNames {
  std::string conv;
  std::string norm;
};

/// Convolution without bias, batch normalisation and an activation. Padded so that stride 1 keeps the size.
class ConvNorm {
 public:
  explicit ConvNorm(const ConvNormSpec& spec);

  at::Tensor forward(const at::Tensor& x);

  /// As Block::append_to().
  int append_to(LayerList& layers, int x, const ConvNormNames& names) const;

  NamedModules modules(const ConvNormNames& names) const;

  bool is_training() const { return norm_->is_training(); }

 private:
  Activation activation_;
  torch::nn::Conv2d conv_;
  BatchNorm norm_;
};

/// A ConvNorm that is a block of its own.
class ConvNormBlock final : public Block {
 public:
  ConvNormBlock(const ConvNormSpec& spec, ConvNormNames names) : layer_(spec), names_(std::move(names)) {}

  at::Tensor forward(const at::Tensor& x) override { return layer_.forward(x); }
  int append_to(LayerList& layers, int x) const override { return layer_.append_to(layers, x, names_); }
  NamedModules modules() const override { return layer_.modules(names_); }

 private:
  ConvNorm layer_;
  ConvNormNames names_;
};

}  // namespace fer
