#include "fer/model/quantise.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/round.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "byte_range.hpp"
#include "fer/core/error.hpp"
#include "layer_values.hpp"

namespace fer {
namespace {

constexpr int kMostWeight = 127;

/// For each value whether it is a map, [N,C,H,W], the images first.
std::vector<bool> find_maps(const LayerList& layers) {
  std::vector<bool> maps = {true};
  for (const Layer& layer : layers) {
    const bool row = layer.kind == LayerKind::mean || layer.kind == LayerKind::linear;
    maps.push_back(!row && maps[static_cast<std::size_t>(layer.inputs.front())]);
  }
  return maps;
}

bool goes_into_a_sum(const LayerList& layers, std::size_t layer) {
  if (layers[layer].kind != LayerKind::conv || layers[layer].activation != Activation::none) return false;
  const int value = static_cast<int>(layer) + 1;
  for (std::size_t i = layer + 1; i < layers.size(); ++i) {
    if (layers[i].kind == LayerKind::add && std::ranges::max(layers[i].inputs) == value)
      return std::ranges::min(layers[i].inputs) != value && only_used_by(layers, value, i);
  }
  return false;
}

/// A channel without weights gets a step, too.
at::Tensor steps_of(const at::Tensor& weight) {
  return (weight.abs().flatten(1).amax(1) / kMostWeight).clamp_min(1e-12);
}

at::Tensor along_outputs(const at::Tensor& steps, const at::Tensor& weight) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(weight.dim()), 1);
  shape.front() = -1;
  return steps.view(shape);
}

at::Tensor rounded(const at::Tensor& x, ByteScale scale) {
  const at::Tensor bytes = at::round(x / scale.step).add_(scale.zero).clamp_(0, 255);
  return bytes.sub_(scale.zero).mul_(scale.step);
}

}  // namespace

void check_quantisable(const LayerList& layers) {
  constexpr std::array kKinds = {LayerKind::conv,     LayerKind::linear, LayerKind::activate, LayerKind::add,
                                 LayerKind::multiply, LayerKind::mean,   LayerKind::max_pool};
  for (const Layer& layer : layers) {
    if (std::ranges::find(kKinds, layer.kind) != kKinds.end()) continue;
    throw usage_error("int8 is for convolutional backbones: layer '{}' is not done with bytes", layer.name);
  }
}

bool only_used_by(const LayerList& layers, int value, std::size_t user) {
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (i != user && std::ranges::find(layers[i].inputs, value) != layers[i].inputs.end()) return false;
  }
  return true;
}

std::vector<std::size_t> byte_values(const LayerList& layers) {
  const std::vector<bool> maps = find_maps(layers);
  std::vector<std::size_t> values = {0};
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (maps[i + 1] && !goes_into_a_sum(layers, i)) values.push_back(i + 1);
  }
  return values;
}

QuantisedLayers quantise(const LayerList& layers, const EachBatch& batches) {
  check_quantisable(layers);
  const at::NoGradGuard no_grad;
  std::map<std::size_t, ByteRange> ranges;
  for (const std::size_t value : byte_values(layers)) ranges.try_emplace(value);
  for (const auto see : {&ByteRange::see_range, &ByteRange::see_counts}) {
    const auto look = [&](std::size_t i, const at::Tensor& value) {
      if (const auto found = ranges.find(i); found != ranges.end()) (found->second.*see)(value);
      return value;
    };
    batches([&](const at::Tensor& images) { run_layers(layers, images, look); });
  }

  QuantisedLayers quantised{.layers = layers,
                            .weight_steps = std::vector<at::Tensor>(layers.size()),
                            .values = std::vector<std::optional<ByteScale>>(layers.size() + 1)};
  for (std::size_t i = 0; i + 1 < layers.size(); ++i) {  // the last one stays as it is
    at::Tensor& weight = quantised.layers[i].weight;
    if (!weight.defined()) continue;
    quantised.weight_steps[i] = steps_of(weight);
    weight = at::round(weight / along_outputs(quantised.weight_steps[i], weight)).to(at::kChar).contiguous();
  }
  for (const auto& [value, range] : ranges) quantised.values[value] = range.best();
  for (std::size_t i = 0; i < layers.size(); ++i) {  // the greatest byte is one of those that are there
    if (layers[i].kind == LayerKind::max_pool)
      quantised.values[i + 1] = quantised.values[static_cast<std::size_t>(layers[i].inputs.front())];
  }
  return quantised;
}

at::Tensor float_weight(const Layer& layer, const at::Tensor& weight_steps) {
  if (!weight_steps.defined()) return layer.weight;
  return layer.weight.to(at::kFloat) * along_outputs(weight_steps, layer.weight);
}

DequantisedLayers::DequantisedLayers(const QuantisedLayers& quantised)
    : layers_(quantised.layers), values_(quantised.values) {
  for (std::size_t i = 0; i < layers_.size(); ++i)
    layers_[i].weight = float_weight(layers_[i], quantised.weight_steps[i]);
  layers_ = layers_on(std::move(layers_), at::kCPU, at::kFloat);
}

at::Tensor DequantisedLayers::run(const at::Tensor& images) const {
  return run_layers(layers_, images, [&](std::size_t i, const at::Tensor& value) {
    return values_[i] ? rounded(value, *values_[i]) : value;
  });
}

}  // namespace fer
