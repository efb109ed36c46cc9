#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "fer/model/byte_scale.hpp"
#include "fer/model/layer_list.hpp"

namespace fer {

/// A layer list that computes with bytes: the maps are unsigned ones, the weights signed ones of
/// -127..127.
struct QuantisedLayers {
  LayerList layers;  ///< weights with steps are int8, all others and the biases float

  /// For each layer: float [O], what 1 in that output channel's weights stands for. Undefined: it has none,
  /// or float weights, as the last layer. Linear layers compute in float nevertheless.
  std::vector<at::Tensor> weight_steps;

  /// For each value (as in Layer::inputs), the images first. Nothing: it is no map, or a convolution's result
  /// that goes into a sum and nowhere else, which is rounded once, as the sum.
  std::vector<std::optional<ByteScale>> values;
};

/// Throws a usage error for layers that are not done with bytes: attention and what belongs to it.
void check_quantisable(const LayerList& layers);

/// The values that are bytes.
std::vector<std::size_t> byte_values(const LayerList& layers);

/// Normalised images [N,3,H,W] to look at: calls its argument with batches, the same at each call.
using EachBatch = std::function<void(const std::function<void(const at::Tensor& images)>&)>;

/// Post-training static quantisation. Weights: symmetric, a step for each output channel. Maps: the range
/// that gives the least squared error over the images, of ranges within what occurs (Nagel et al. 2021, "A
/// White Paper on Neural Network Quantization", 3.1). Looks at the images twice. A few hundred are enough.
QuantisedLayers quantise(const LayerList& layers, const EachBatch& batches);

/// The same computed with floats, for any machine: values are rounded to what bytes can say.
class DequantisedLayers {
 public:
  explicit DequantisedLayers(const QuantisedLayers& quantised);

  /// Logits of normalised images, as run_layers(). Threads may call it at the same time.
  at::Tensor run(const at::Tensor& images) const;

 private:
  LayerList layers_;
  std::vector<std::optional<ByteScale>> values_;
};

/// The weights of a layer in float: what its bytes stand for.
at::Tensor float_weight(const Layer& layer, const at::Tensor& weight_steps);

/// Whether no other layer takes value `value` than layer `user`.
bool only_used_by(const LayerList& layers, int value, std::size_t user);

}  // namespace fer
