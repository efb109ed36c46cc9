#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "fer/model/activation.hpp"

namespace fer {

/// What a layer does; shapes as in Layer.
enum class LayerKind {
  conv,         ///< images or maps [N,C,H,W]
  linear,       ///< of the last dimension
  activate,     ///< the activation alone
  add,          ///< of two inputs
  multiply,     ///< a map [N,C,H,W] with factors [N,C]
  mean,         ///< of each map: [N,C,H,W] to [N,C]
  max_pool,     ///< of each kernel x kernel window, what lies beyond the edge left out
  layer_norm,   ///< of the last dimension, with weight and bias
  attention,    ///< queries, keys and values [N,T,3C] in `heads` ways to [N,T,C]
  tokens,       ///< patches [N,C,H,W] to [N,1+HW,C]: weight [1,1,C] comes first, bias [1,1+HW,C] is added
  class_token,  ///< the first of the tokens: [N,T,C] to [N,C]
};

/// One operation of a classifier, with its weights.
struct Layer {
  LayerKind kind = LayerKind::activate;
  std::string name = {};         ///< from the classifier down, such as "features.0.0"; no two are the same
  std::vector<int> inputs = {};  ///< 0: the images; i + 1: what layer i gives
  Activation activation = Activation::none;  ///< done on the result; of conv, linear, add and activate
  at::Tensor weight = {};                    ///< [O,I/groups,k,k] or [O,I]; float, contiguous, on the CPU
  at::Tensor bias = {};
  int kernel = 1;  ///< of max_pool
  int stride = 1;
  int padding = 0;
  int groups = 1;
  int heads = 0;
  double eps = 0;
};

/// What a classifier computes for prediction, as plain data in the order of computation, BatchNorm being part
/// of the convolutions and what acts in training alone left out. The last layer gives the logits [N,classes].
using LayerList = std::vector<Layer>;

/// Returns the number under which later layers take the new one's result.
int append(LayerList& layers, Layer layer);

/// The logits of normalised images [N,3,H,W], on the device and of the type that the weights are of, done
/// with LibTorch's general operators. Threads may call it at the same time.
at::Tensor run_layers(const LayerList& layers, const at::Tensor& images);

/// With weights of that type on that device, convolutions' in channels-last layout.
LayerList layers_on(LayerList layers, c10::Device device, at::ScalarType type);

}  // namespace fer
