#include "resnet.hpp"

#include <ATen/ops/max_pool2d.h>

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "conv_norm.hpp"
#include "fer/core/error.hpp"

namespace fer {
namespace {

constexpr int kResNetStem = 64;
constexpr std::array<int, 4> kResNetStages = {64, 128, 256, 512};

/// 7x7 with stride 2, then the greatest of each 3x3 with stride 2.
class StemBlock final : public Block {
 public:
  at::Tensor forward(const at::Tensor& x) override {
    return at::max_pool2d(layer_.forward(x), {3, 3}, {2, 2}, {1, 1});
  }
  int append_to(LayerList& layers, int x) const override {
    const int y = layer_.append_to(layers, x, {.conv = "conv1", .norm = "bn1"});
    return append(layers, {.kind = LayerKind::max_pool,
                           .name = "maxpool",
                           .inputs = {y},
                           .kernel = 3,
                           .stride = 2,
                           .padding = 1});
  }
  NamedModules modules() const override { return layer_.modules({.conv = "conv1", .norm = "bn1"}); }

 private:
  ConvNorm layer_{{.in = 3, .out = kResNetStem, .kernel = 7, .stride = 2, .activation = Activation::relu}};
};

/// Layers beside a shortcut, which is a 1x1 layer where input and output do not agree; their sum's ReLU.
class ResidualBlock final : public Block {
 public:
  ResidualBlock(std::span<const ConvNormSpec> layers, std::string name)
      : layers_(layers.begin(), layers.end()), name_(std::move(name)) {
    int stride = 1;
    for (const ConvNormSpec& layer : layers) stride *= layer.stride;
    const int in = layers.front().in;
    const int out = layers.back().out;
    if (stride != 1 || in != out) shortcut_.emplace(ConvNormSpec{.in = in, .out = out, .stride = stride});
  }

  at::Tensor forward(const at::Tensor& x) override {
    at::Tensor y = x;
    for (ConvNorm& layer : layers_) y = layer.forward(y);
    return activated(Activation::relu, y + (shortcut_ ? shortcut_->forward(x) : x));
  }

  int append_to(LayerList& layers, int x) const override {
    int y = x;
    for (std::size_t i = 0; i < layers_.size(); ++i) y = layers_[i].append_to(layers, y, names_of(i));
    const int beside = shortcut_ ? shortcut_->append_to(layers, x, shortcut_names()) : x;
    return append(layers, {.kind = LayerKind::add,
                           .name = name_ + ".add",
                           .inputs = {y, beside},
                           .activation = Activation::relu});
  }

  NamedModules modules() const override {
    NamedModules all;
    const auto add = [&](const ConvNorm& layer, const ConvNormNames& names) {
      for (auto& row : layer.modules(names)) all.push_back(std::move(row));
    };
    for (std::size_t i = 0; i < layers_.size(); ++i) add(layers_[i], names_of(i));
    if (shortcut_) add(*shortcut_, shortcut_names());
    return all;
  }

 private:
  ConvNormNames names_of(std::size_t layer) const {
    return {.conv = fmt::format("{}.conv{}", name_, layer + 1),
            .norm = fmt::format("{}.bn{}", name_, layer + 1)};
  }
  ConvNormNames shortcut_names() const {
    return {.conv = name_ + ".downsample.0", .norm = name_ + ".downsample.1"};
  }

  std::vector<ConvNorm> layers_;
  std::optional<ConvNorm> shortcut_;
  std::string name_;
};

constexpr auto kResNetActivation = Activation::relu;

std::vector<ConvNormSpec> basic_layers(int in, int channels, int stride) {
  return {{.in = in, .out = channels, .kernel = 3, .stride = stride, .activation = kResNetActivation},
          {.in = channels, .out = channels, .kernel = 3}};
}

constexpr int kBottleneck = 4;

std::vector<ConvNormSpec> bottleneck_layers(int in, int channels, int stride) {
  return {{.in = in, .out = channels, .activation = kResNetActivation},
          {.in = channels, .out = channels, .kernel = 3, .stride = stride, .activation = kResNetActivation},
          {.in = channels, .out = channels * kBottleneck}};
}

using MakeLayers = std::vector<ConvNormSpec>(int in, int channels, int stride);

std::shared_ptr<Classifier> make(MakeLayers* layers_of, std::array<int, 4> repeats,
                                 const ClassifierOptions& options) {
  ChainParts parts{.blocks = {}, .head = "fc"};
  parts.blocks.push_back(std::make_unique<StemBlock>());
  int channels = kResNetStem;
  for (std::size_t stage = 0; stage < kResNetStages.size(); ++stage) {
    for (int i = 0; i < repeats[stage]; ++i) {
      const auto layers = layers_of(channels, kResNetStages[stage], stage > 0 && i == 0 ? 2 : 1);
      parts.blocks.push_back(
          std::make_unique<ResidualBlock>(layers, fmt::format("layer{}.{}", stage + 1, i)));
      channels = layers.back().out;
    }
  }
  parts.features = channels;
  return std::make_shared<BlockChain>(std::move(parts), options);
}

}  // namespace

std::shared_ptr<Classifier> make_resnet18(const ClassifierOptions& options) {
  return make(basic_layers, {2, 2, 2, 2}, options);
}

std::shared_ptr<Classifier> make_resnet50(const ClassifierOptions& options) {
  return make(bottleneck_layers, {3, 4, 6, 3}, options);
}

}  // namespace fer
