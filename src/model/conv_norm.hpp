#pragma once

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace fer {

/// A convolution and what follows it as one operation with weights that stay as they are: for prediction.
class FoldedConv {
 public:
  /// The norm's running statistics, weight and bias go into those of the convolution.
  FoldedConv(const torch::nn::Conv2dImpl& conv, const torch::nn::BatchNorm2dImpl& norm, bool relu6);

  /// Threads may call it at the same time.
  at::Tensor forward(const at::Tensor& x) const;

 private:
  std::vector<std::int64_t> stride_;
  std::vector<std::int64_t> padding_;
  std::int64_t groups_;
  bool relu6_;
  at::Tensor weight_;  // in oneDNN's own layout where its operator is to be called
  at::Tensor bias_;
};

struct ConvSpec {
  int in;
  int out;
  int kernel = 1;
  int stride = 1;
  int groups = 1;
  bool relu6 = true;
};

/// Convolution without bias, batch normalisation and, where asked, ReLU6. Padded so that stride 1 keeps the
/// size. Both modules are registered by whoever holds the layer, under the names of the weights.
class ConvNorm {
 public:
  explicit ConvNorm(const ConvSpec& spec);

  const torch::nn::Conv2d& conv() const { return conv_; }
  const torch::nn::BatchNorm2d& norm() const { return norm_; }

  at::Tensor forward(const at::Tensor& x);

  /// As Classifier::fold().
  void fold() { folded_.emplace(*conv_, *norm_, relu6_); }

 private:
  bool relu6_;
  torch::nn::Conv2d conv_;
  torch::nn::BatchNorm2d norm_;
  std::optional<FoldedConv> folded_;
};

/// A module with layers that Classifier::fold() folds.
class Foldable {
 public:
  virtual ~Foldable() = default;
  virtual void fold() = 0;
};

}  // namespace fer
