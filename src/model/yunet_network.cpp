#include "yunet_network.hpp"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>

#include "map_weights.hpp"

namespace fer {
namespace {

constexpr int kWidth = 64;      // channels of the neck
constexpr int kFewestRows = 4;  // worth a thread
constexpr int kLevels = static_cast<int>(kYuNetStrides.size());

std::string block_name(int stage, int block) { return fmt::format("backbone.model{}.conv{}", stage, block); }
std::string lateral_name(int level) { return fmt::format("neck.lateral_convs.{}", level); }
std::string shared_name(int level) { return fmt::format("bbox_head.multi_level_share_convs.{}.0", level); }
std::string head_name(const char* answer, int level) {
  return fmt::format("bbox_head.multi_level_{}.{}", answer, level);
}

/// A row of the image, between black; beyond the image there is black alone.
void put_pixels(const cv::Mat& rgb, int row, const MapView& out) {
  const bool inside = row >= 0 && row < rgb.rows;
  const int values = inside ? 3 * rgb.cols : 0;
  std::fill_n(out.values, 3, 0.0F);
  if (inside) std::copy_n(rgb.ptr<std::uint8_t>(row), values, out.values + 3);
  std::fill(out.values + 3 + values, out.values + 3 * out.width, 0.0F);
}

void add_enlarged(const MapView& fine, const MapView& coarse, int row, const MapView& out) {
  for (int x = 0; x < out.width; ++x) {
    const float* a = fine.at(row, x);
    const float* b = coarse.at(row / 2, x / 2);
    float* to = out.at(0, x);
    for (int c = 0; c < kWidth; ++c) to[c] = a[c] + b[c];
  }
}

}  // namespace

std::vector<std::string> yunet_layers(YuNetKind kind) {
  std::vector<std::string> names = {"backbone.model0.conv1"};
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
  const auto read_block = [&](const LayerParts& parts, int in) {
    LayerParts pointwise = parts;
    LayerParts depthwise = parts;
    for (auto& part : pointwise) part.first += ".conv1";
    for (auto& part : depthwise) part.first += ".conv2";
    Block block{.pointwise = weights.convolution({.parts = pointwise, .in = in}),
                .depthwise = weights.depthwise(depthwise, 1)};
    block.depthwise.relu = true;
    return block;
  };
  stem_ = weights.convolution({.parts = {{"backbone.model0.conv1", 16}}, .in = 3, .kernel = 3, .stride = 2});
  stem_.slope.assign(stem_.slope.size(), 0);
  // The network is one for BGR.
  for (std::size_t i = 0; i < stem_.weight.size(); i += 3 * kChannelGroup)
    std::swap_ranges(&stem_.weight[i], &stem_.weight[i] + kChannelGroup,
                     &stem_.weight[i + 2 * kChannelGroup]);
  const int middle = kind == YuNetKind::n ? kWidth : kWidth / 2;
  int width = 16;
  const auto add_block = [&](int stage, int number, int out) {
    backbone_.push_back(read_block({{block_name(stage, number), out}}, width));
    width = out;
  };
  add_block(0, 2, 16);
  for (const auto& [stage, first, second] : {std::array{1, 16, middle},
                                             {2, middle, kWidth},
                                             {3, kWidth, kWidth},
                                             {4, kWidth, kWidth},
                                             {5, kWidth, kWidth}}) {
    add_block(stage, 1, first);
    backbone_.back().halves = stage != 2;
    add_block(stage, 2, second);
  }
  for (int i = 0; i < kLevels; ++i) {
    Level& level = levels_[static_cast<std::size_t>(i)];
    level.lateral = read_block({{lateral_name(i), kWidth}}, kWidth);
    if (kind == YuNetKind::n) level.shared.push_back(read_block({{shared_name(i), kWidth}}, kWidth));
    level.head = read_block({{head_name("cls", i), 1},
                             {head_name("obj", i), 1},
                             {head_name("bbox", i), 4},
                             {head_name("kps", i), 10}},
                            kWidth);
    level.head.depthwise.relu = false;
  }
  weights.finish();
}

YuNetOutput YuNetNetwork::run(const cv::Mat& rgb) {
  workspaces_.resize(static_cast<std::size_t>(at::get_num_threads()));
  const auto whole = [](int side) {
    constexpr int kCell = kYuNetStrides.back();
    return (side + kCell - 1) / kCell * kCell;
  };
  MapView map = run_stem(rgb, {whole(rgb.cols), whole(rgb.rows)});
  std::array<MapView, kLevels> features;
  for (std::size_t i = 1; i < backbone_.size(); ++i) {
    map = run_block(backbone_[i], map);
    // The last blocks of stages 3, 4 and 5.
    if (const std::size_t left = backbone_.size() - 1 - i; left <= 4 && left % 2 == 0)
      features[kLevels - 1 - left / 2] = map;
  }
  YuNetOutput output;
  for (std::size_t i = kLevels; i-- > 0;) {
    Level& level = levels_[i];
    map = i + 1 == kLevels ? run_block(level.lateral, map) : run_sum(level.lateral, features[i], map);
    MapView answers = map;
    for (Block& block : level.shared) answers = run_block(block, answers);
    output[i] = run_block(level.head, answers);
  }
  return output;
}

/// `source`: gives a row of the block's input, which has that size.
template <class Source>
MapView YuNetNetwork::run_block(Block& block, cv::Size size, const Source& source) {
  const int channels = stored_channels(block.pointwise.out);
  const MapView out = block.result.shaped(size.height, size.width, channels);
  at::parallel_for(0, out.height, kFewestRows, [&](std::int64_t first, std::int64_t end) {
    Workspace& workspace = workspaces_[static_cast<std::size_t>(at::get_thread_num())];
    const MapView between =
        workspace.between.shaped(3, size.width, channels);  // the last rows: they stay cached
    const auto row_of = [&](int row) {
      return row >= 0 && row < size.height ? between.at(row % 3, 0) : nullptr;
    };
    int ready = std::max(0, static_cast<int>(first) - 1);
    for (int row = static_cast<int>(first); row < static_cast<int>(end); ++row) {
      for (; ready < std::min(row + 2, size.height); ++ready)
        convolve(block.pointwise, source(ready, workspace), between.rows(ready % 3, 1));
      filter_row(block.depthwise, {row_of(row - 1), row_of(row), row_of(row + 1)}, out.rows(row, 1));
    }
  });
  return out;
}

MapView YuNetNetwork::run_block(Block& block, const MapView& in) {
  if (!block.halves)
    return run_block(block, {in.width, in.height}, [&](int row, Workspace&) { return in.rows(row, 1); });
  const cv::Size size(in.width / 2, in.height / 2);
  return run_block(block, size, [&](int row, Workspace& workspace) {
    const MapView pooled = workspace.input.shaped(1, size.width, in.channels);
    max_pool({.size = 2, .stride = 2}, in.rows(2 * row, 2), pooled);
    return pooled;
  });
}

MapView YuNetNetwork::run_stem(const cv::Mat& rgb, cv::Size padded) {
  const cv::Size size = padded / 2;
  return run_block(backbone_.front(), size, [&](int row, Workspace& workspace) {
    const MapView pixels = workspace.pixels.shaped(3, padded.width + 1, 3);
    for (int i = 0; i < 3; ++i) put_pixels(rgb, 2 * row - 1 + i, pixels.rows(i, 1));
    const MapView out = workspace.input.shaped(1, size.width, stem_.out);
    convolve(stem_, pixels, out);
    return out;
  });
}

/// Of a stride's features and of the coarser map, enlarged by repeating its pixels.
MapView YuNetNetwork::run_sum(Block& block, const MapView& fine, const MapView& coarse) {
  return run_block(block, {fine.width, fine.height}, [&](int row, Workspace& workspace) {
    const MapView sum = workspace.input.shaped(1, fine.width, kWidth);
    add_enlarged(fine, coarse, row, sum);
    return sum;
  });
}

}  // namespace fer
