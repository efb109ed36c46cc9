#include "fer/model/layer_list.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/scaled_dot_product_attention.h>

#include <algorithm>
#include <utility>

#include "layer_values.hpp"

namespace fer {
namespace {

at::Tensor attention(const at::Tensor& queries_keys_values, std::int64_t heads) {
  const std::int64_t width = queries_keys_values.size(2) / 3;
  const at::Tensor parts = queries_keys_values.unflatten(2, {3, heads, width / heads});
  const auto part = [&](std::int64_t i) { return parts.select(2, i).transpose(1, 2); };
  return at::scaled_dot_product_attention(part(0), part(1), part(2)).transpose(1, 2).flatten(2);
}

at::Tensor tokens(const at::Tensor& patches, const at::Tensor& first, const at::Tensor& positions) {
  const at::Tensor row = patches.flatten(2).transpose(1, 2);
  return at::cat({first.expand({row.size(0), -1, -1}), row}, 1) + positions;
}

/// Before the activation.
at::Tensor result_of(const Layer& layer, const at::Tensor& x, const at::Tensor& second) {
  switch (layer.kind) {
    case LayerKind::conv:
      return at::conv2d(x, layer.weight, layer.bias, layer.stride, layer.padding, 1, layer.groups);
    case LayerKind::linear:
      return at::linear(x, layer.weight, layer.bias);
    case LayerKind::activate:
      return x.clone();  // others may want it as it is
    case LayerKind::add:
      return x + second;
    case LayerKind::multiply:
      return x * second.unsqueeze(-1).unsqueeze(-1);
    case LayerKind::mean:
      return x.mean({2, 3});
    case LayerKind::max_pool:
      return at::max_pool2d(x, layer.kernel, layer.stride, layer.padding);
    case LayerKind::layer_norm:
      return at::layer_norm(x, {x.size(-1)}, layer.weight, layer.bias, layer.eps);
    case LayerKind::attention:
      return attention(x, layer.heads);
    case LayerKind::tokens:
      return tokens(x, layer.weight, layer.bias);
    case LayerKind::class_token:
      return x.select(1, 0);
  }
  return x;
}

}  // namespace

int append(LayerList& layers, Layer layer) {
  layers.push_back(std::move(layer));
  return static_cast<int>(layers.size());
}

at::Tensor run_layers(const LayerList& layers, const at::Tensor& images) {
  return run_layers(layers, images, [](std::size_t, const at::Tensor& value) { return value; });
}

at::Tensor run_layers(const LayerList& layers, const at::Tensor& images, const SeeValue& see) {
  std::vector<std::size_t> last_use(layers.size() + 1, 0);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    for (const int input : layers[i].inputs) last_use[static_cast<std::size_t>(input)] = i;
  }
  std::vector<at::Tensor> values(layers.size() + 1);
  values[0] = see(0, images);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    const auto input = [&](std::size_t k) -> at::Tensor& {
      return values[static_cast<std::size_t>(layer.inputs[std::min(k, layer.inputs.size() - 1)])];
    };
    values[i + 1] = see(i + 1, activated(layer.activation, result_of(layer, input(0), input(1))));
    for (const int used : layer.inputs) {
      if (last_use[static_cast<std::size_t>(used)] == i) values[static_cast<std::size_t>(used)].reset();
    }
  }
  return values.back();
}

LayerList layers_on(LayerList layers, c10::Device device, at::ScalarType type) {
  for (Layer& layer : layers) {
    if (layer.weight.defined()) {
      const bool maps = layer.weight.dim() == 4;
      layer.weight = layer.weight.to(device, type)
                         .contiguous(maps ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous);
    }
    if (layer.bias.defined()) layer.bias = layer.bias.to(device, type);
  }
  return layers;
}

}  // namespace fer
