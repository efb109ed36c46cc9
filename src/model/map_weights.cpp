#include "map_weights.hpp"

#include <ATen/ops/cat.h>
#include <ATen/ops/isfinite.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fer/core/error.hpp"

namespace fer {
namespace {

/// Padded with 0 to whole groups of channels.
std::vector<float> padded(const at::Tensor& values) {
  std::vector<float> list(static_cast<std::size_t>(stored_channels(static_cast<int>(values.numel()))));
  std::copy_n(values.const_data_ptr<float>(), values.numel(), list.begin());
  return list;
}

/// From [out,in,kernel,kernel] to the order of ConvLayer.
std::vector<float> packed(const at::Tensor& weight, const ConvLayer& layer) {
  std::vector<float> list(
      static_cast<std::size_t>(stored_channels(layer.out) * layer.kernel * layer.kernel * layer.in));
  const auto values = weight.accessor<float, 4>();
  for (int o = 0; o < layer.out; ++o) {
    float* to = list.data() + o / kChannelGroup * layer.kernel * layer.kernel * layer.in * kChannelGroup +
                o % kChannelGroup;
    for (int y = 0; y < layer.kernel; ++y) {
      for (int x = 0; x < layer.kernel; ++x) {
        for (int i = 0; i < layer.in; ++i, to += kChannelGroup) *to = values[o][i][y][x];
      }
    }
  }
  return list;
}

}  // namespace

ConvLayer LayerWeights::convolution(const ConvSpec& spec) {
  std::vector<at::Tensor> weight;
  std::vector<at::Tensor> bias;
  ConvLayer layer{.in = spec.in, .kernel = spec.kernel, .stride = spec.stride};
  const std::int64_t kernel = spec.kernel;
  for (const auto& [name, out] : spec.parts) {
    const std::vector<std::int64_t> shape = spec.flat
                                                ? std::vector<std::int64_t>{out, kernel * kernel * spec.in}
                                                : std::vector<std::int64_t>{out, spec.in, kernel, kernel};
    const at::Tensor values = take(name + ".weight", shape);
    weight.push_back(spec.flat ? values.view({out, kernel, kernel, spec.in}).permute({0, 3, 2, 1}) : values);
    bias.push_back(take(name + ".bias", {out}));
    layer.out += out;
  }
  layer.weight = packed(at::cat(weight), layer);
  layer.bias = padded(at::cat(bias));
  layer.slope.assign(layer.bias.size(), 1);
  return layer;
}

DepthwiseLayer LayerWeights::depthwise(const LayerParts& parts, int stride) {
  std::vector<at::Tensor> weight;
  std::vector<at::Tensor> bias;
  DepthwiseLayer layer{.stride = stride};
  for (const auto& [name, channels] : parts) {
    weight.push_back(take(name + ".weight", {channels, 1, 3, 3}).view({channels, 9}));
    bias.push_back(take(name + ".bias", {channels}));
    layer.channels += channels;
  }
  const at::Tensor taps = at::cat(weight).t().contiguous();
  for (int tap = 0; tap < 9; ++tap) {
    const auto values = padded(taps[tap]);
    layer.weight.insert(layer.weight.end(), values.begin(), values.end());
  }
  layer.bias = padded(at::cat(bias));
  return layer;
}

std::vector<float> LayerWeights::by_channel(const std::string& name, int channels) {
  return padded(take(name, {channels}));
}

void LayerWeights::finish() const {
  if (taken_ == tensors_.size()) return;
  throw data_error("{}: {} tensors too many for this network", source_, tensors_.size() - taken_);
}

at::Tensor LayerWeights::take(const std::string& name, at::IntArrayRef shape) {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) throw data_error("{}: lacks {}", source_, name);
  if (found->second.sizes() != shape) {
    throw data_error("{}: {} has shape [{}], expected [{}]", source_, name,
                     fmt::join(found->second.sizes(), ","), fmt::join(shape, ","));
  }
  if (!at::isfinite(found->second).all().item<bool>()) {
    throw data_error("{}: {} has values that are no finite numbers", source_, name);
  }
  ++taken_;
  return found->second.to(at::kFloat).contiguous();
}

}  // namespace fer
