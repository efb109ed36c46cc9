#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "fer/model/tensor_file.hpp"
#include "map_layers.hpp"

namespace fer {

/// Names and outputs of layers side by side, which become one.
using LayerParts = std::vector<std::pair<std::string, int>>;

struct ConvSpec {
  LayerParts parts;
  int in = 0;
  int kernel = 1;
  int stride = 1;
  bool flat = false;  ///< a matrix in the file: columns by x, then y, then channel
};

/// Makes layers of a file's tensors. Each call throws a data error that begins with `source` for a tensor
/// that is missing, of another shape or not finite.
class LayerWeights {
 public:
  LayerWeights(const TensorMap& tensors, std::string source)
      : tensors_(tensors), source_(std::move(source)) {}

  /// NAME.weight and NAME.bias of each part; without PReLU.
  ConvLayer convolution(const ConvSpec& spec);

  /// NAME.weight [channels,1,3,3] and NAME.bias of each part.
  DepthwiseLayer depthwise(const LayerParts& parts, int stride);

  /// A value for each channel, 0 for those that only fill the last group.
  std::vector<float> by_channel(const std::string& name, int channels);

  /// To be called last: throws if the file holds more than was asked for.
  void finish() const;

 private:
  at::Tensor take(const std::string& name, at::IntArrayRef shape);

  const TensorMap& tensors_;
  std::string source_;
  std::size_t taken_ = 0;
};

}  // namespace fer
