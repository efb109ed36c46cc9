#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "activation.hpp"
#include "block_chain.hpp"

namespace fer {

/// A convolution and what follows it as one operation with weights that stay as they are: for prediction.
class FoldedConv {
 public:
  /// The norm's running statistics, weight and bias go into those of the convolution.
  FoldedConv(const torch::nn::Conv2dImpl& conv, const torch::nn::BatchNorm2dImpl& norm,
             Activation activation);

  /// Threads may call it at the same time.
  at::Tensor forward(const at::Tensor& x) const;

 private:
  std::vector<std::int64_t> stride_;
  std::vector<std::int64_t> padding_;
  std::int64_t groups_;
  Activation activation_;
  at::Tensor weight_;  // in oneDNN's own layout where its operator is to be called
  at::Tensor bias_;
};

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

  /// As Classifier::fold().
  void fold() { folded_.emplace(*conv_, *norm_, activation_); }

  NamedModules modules(const ConvNormNames& names) const;

  bool is_training() const { return norm_->is_training(); }

 private:
  Activation activation_;
  torch::nn::Conv2d conv_;
  torch::nn::BatchNorm2d norm_;
  std::optional<FoldedConv> folded_;
};

/// A ConvNorm that is a block of its own.
class ConvNormBlock final : public Block {
 public:
  ConvNormBlock(const ConvNormSpec& spec, ConvNormNames names) : layer_(spec), names_(std::move(names)) {}

  at::Tensor forward(const at::Tensor& x) override { return layer_.forward(x); }
  void fold() override { layer_.fold(); }
  NamedModules modules() const override { return layer_.modules(names_); }

 private:
  ConvNorm layer_;
  ConvNormNames names_;
};

}  // namespace fer
