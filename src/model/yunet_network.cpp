#include "yunet_network.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "map_weights.hpp"

namespace fer {
namespace {

constexpr char kYuNetStem[] = "backbone.model0.conv1";
constexpr int kWidth = 64;  // channels of the neck
constexpr int kLevels = static_cast<int>(kYuNetStrides.size());

std::string block_name(int stage, int block) { return fmt::format("backbone.model{}.conv{}", stage, block); }
std::string lateral_name(int level) { return fmt::format("neck.lateral_convs.{}", level); }
std::string shared_name(int level) { return fmt::format("bbox_head.multi_level_share_convs.{}.0", level); }
std::string head_name(const char* answer, int level) {
  return fmt::format("bbox_head.multi_level_{}.{}", answer, level);
}

/// The blocks' channels.
struct Stage {
  int first;
  int second;
};

std::array<Stage, 6> stages_of(YuNetKind kind) {
  const int middle = kind == YuNetKind::n ? kWidth : kWidth / 2;
  return {{{16, 16}, {16, middle}, {middle, kWidth}, {kWidth, kWidth}, {kWidth, kWidth}, {kWidth, kWidth}}};
}

SeparableBlock read_block(LayerWeights& weights, const LayerParts& parts, int in) {
  const auto inner = [&](const char* layer) {
    LayerParts named = parts;
    for (auto& part : named) part.first += layer;
    return named;
  };
  SeparableBlock block{.pointwise = weights.convolution({.parts = inner(".conv1"), .in = in}),
                       .depthwise = weights.depthwise(inner(".conv2"), 1)};
  block.depthwise.relu = true;
  return block;
}

/// The first layer, for RGB.
ConvLayer read_stem(LayerWeights& weights) {
  ConvLayer stem = weights.convolution({.parts = {{kYuNetStem, 16}}, .in = 3, .kernel = 3, .stride = 2});
  stem.slope.assign(stem.slope.size(), 0);
  for (std::size_t i = 0; i < stem.weight.size(); i += 3 * kChannelGroup) {
    float* blue = &stem.weight[i];
    std::swap_ranges(blue, blue + kChannelGroup, blue + 2 * kChannelGroup);
  }
  return stem;
}

/// A row of the image, between black; beyond the image there is black alone.
void put_pixels(const cv::Mat& rgb, int row, const MapView& out) {
  const bool inside = row >= 0 && row < rgb.rows;
  const int values = inside ? 3 * rgb.cols : 0;
  std::fill_n(out.values, 3, 0.0F);
  if (inside) std::copy_n(rgb.ptr<std::uint8_t>(row), values, out.values + 3);
  std::fill(out.values + 3 + values, out.values + 3 * out.width, 0.0F);
}

MapView run_halved(SeparableChain& chain, const MapView& in) {
  const int width = in.width / 2;
  return chain.run(in.height / 2, width, [&](int row, auto& memory) {
    const MapView out = memory[0].shaped(1, width, in.channels);
    max_pool({.size = 2, .stride = 2}, in.rows(2 * row, 2), out);
    return out;
  });
}

/// Of a stride's map and the next coarser one, enlarged by repeating its pixels.
MapView run_sum(SeparableChain& chain, const MapView& fine, const MapView& coarse) {
  return chain.run(fine.height, fine.width, [&](int row, auto& memory) {
    const MapView out = memory[0].shaped(1, fine.width, kWidth);
    for (int x = 0; x < fine.width; ++x) {
      const float* a = fine.at(row, x);
      const float* b = coarse.at(row / 2, x / 2);
      float* to = out.at(0, x);
      for (int c = 0; c < kWidth; ++c) to[c] = a[c] + b[c];
    }
    return out;
  });
}

}  // namespace

std::vector<std::string> yunet_layers(YuNetKind kind) {
  std::vector<std::string> names = {kYuNetStem};
  const auto add_block = [&](const std::string& name) {
    names.push_back(name + ".conv1");
    names.push_back(name + ".conv2");
  };
  add_block(block_name(0, 2));
  for (int stage = 1; stage <= 5; ++stage) {
    for (const int block : {1, 2}) add_block(block_name(stage, block));
  }
  for (int level = kLevels - 1; level >= 0; --level) add_block(lateral_name(level));
  for (int level = 0; kind == YuNetKind::n && level < kLevels; ++level) add_block(shared_name(level));
  for (const char* answer : {"cls", "bbox", "obj", "kps"}) {
    for (int level = 0; level < kLevels; ++level) add_block(head_name(answer, level));
  }
  return names;
}

YuNetNetwork::YuNetNetwork(YuNetKind kind, const TensorMap& tensors, const std::string& source) {
  LayerWeights weights(tensors, source);
  stem_ = read_stem(weights);
  backbone_[0].add(read_block(weights, {{block_name(0, 2), 16}}, 16));
  const auto stages = stages_of(kind);
  for (std::size_t i = 1; i < stages.size(); ++i) {
    SeparableChain& chain = backbone_[i <= kLevels ? 0 : i - kLevels];
    const int stage = static_cast<int>(i);
    SeparableBlock first =
        read_block(weights, {{block_name(stage, 1), stages[i].first}}, stages[i - 1].second);
    first.halves = stage == 1 || stage == 3;  // later stages halve what is used otherwise, too
    chain.add(std::move(first));
    chain.add(read_block(weights, {{block_name(stage, 2), stages[i].second}}, stages[i].first));
  }
  for (int i = 0; i < kLevels; ++i) {
    const auto level = static_cast<std::size_t>(i);
    neck_[level].add(read_block(weights, {{lateral_name(i), kWidth}}, kWidth));
    if (kind == YuNetKind::n) heads_[level].add(read_block(weights, {{shared_name(i), kWidth}}, kWidth));
    SeparableBlock head = read_block(weights,
                                     {{head_name("cls", i), 1},
                                      {head_name("obj", i), 1},
                                      {head_name("bbox", i), 4},
                                      {head_name("kps", i), 10}},
                                     kWidth);
    head.depthwise.relu = false;
    heads_[level].add(std::move(head));
  }
  weights.finish();
}

YuNetOutput YuNetNetwork::run(const cv::Mat& rgb) {
  std::array<MapView, kLevels> features;
  features[0] = run_stem(rgb);
  for (std::size_t i = 1; i < kLevels; ++i) features[i] = run_halved(backbone_[i], features[i - 1]);
  YuNetOutput output;
  MapView map = neck_[kLevels - 1].run(features[kLevels - 1]);
  output[kLevels - 1] = heads_[kLevels - 1].run(map);
  for (std::size_t i = kLevels - 1; i-- > 0;) {
    map = run_sum(neck_[i], features[i], map);
    output[i] = heads_[i].run(map);
  }
  return output;
}

MapView YuNetNetwork::run_stem(const cv::Mat& rgb) {
  const auto padded = [](int side) {
    constexpr int kCell = kYuNetStrides.back();
    return (side + kCell - 1) / kCell * kCell;
  };
  const int width = padded(rgb.cols);
  return backbone_[0].run(padded(rgb.rows) / 2, width / 2, [&](int row, auto& memory) {
    const MapView pixels = memory[0].shaped(3, width + 1, 3);
    for (int i = 0; i < 3; ++i) put_pixels(rgb, 2 * row - 1 + i, pixels.rows(i, 1));
    const MapView out = memory[1].shaped(1, width / 2, stem_.out);
    convolve(stem_, pixels, out);
    return out;
  });
}

}  // namespace fer
