#include "blazeface_network.hpp"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "blazeface_decoding.hpp"
#include "map_weights.hpp"

namespace fer {
namespace {

constexpr int kTailWidth = 96;
constexpr int kBandRows = 8;  // of a map: what lies between two layers stays in the cache

struct BlockSpec {
  int out;
  int stride = 1;
};

struct Layout {
  int side;
  std::string stem;                     // its layer; the blocks are counted from 2 in the same part
  std::vector<BlockSpec> blocks;        // down to the 16x16 map
  std::vector<std::string> tail_names;  // from there to the 8x8 map, the first of stride 2
  bool tail_has_shortcut;
};

Layout front_layout() {
  return {.side = 128,
          .stem = "backbone1",
          .blocks = {{24}, {28}, {32, 2}, {36}, {42}, {48, 2}, {56}, {64}, {72}, {80}, {88}},
          .tail_names = {"backbone2.0", "backbone2.1", "backbone2.2", "backbone2.3", "backbone2.4"},
          .tail_has_shortcut = true};
}

Layout back_layout() {
  Layout layout{
      .side = 256, .stem = "backbone", .blocks = {}, .tail_names = {"final"}, .tail_has_shortcut = false};
  layout.blocks.assign(7, {24});
  for (const int width : {24, 48, 96}) {
    layout.blocks.push_back({width, 2});
    layout.blocks.insert(layout.blocks.end(), 7, {width});
  }
  return layout;
}

/// Calls work(first row, number of rows) for bands of a map on LibTorch's threads.
template <class Work>
void each_band(int height, const Work& work) {
  const int bands = (height + kBandRows - 1) / kBandRows;
  at::parallel_for(0, bands, 1, [&](std::int64_t first, std::int64_t end) {
    for (auto band = static_cast<int>(first); band < end; ++band) {
      const int row = band * kBandRows;
      work(row, std::min(kBandRows, height - row));
    }
  });
}

/// The input itself, or for stride 2 the greatest of 2x2 pixels; channels that the block adds are 0.
void put_shortcut(const MapView& in, int stride, int first_row, const MapView& out) {
  const int channels = std::min(in.channels, out.channels);
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      const float* from = in.at((first_row + y) * stride, x * stride);
      float* to = out.at(y, x);
      std::copy_n(from, channels, to);
      for (int k = 1; k < stride * stride; ++k) {
        const float* other = in.at((first_row + y) * stride + k / stride, x * stride + k % stride);
        for (int c = 0; c < channels; ++c) to[c] = std::max(to[c], other[c]);
      }
      std::fill(to + channels, to + out.channels, 0.0F);
    }
  }
}

}  // namespace

BlazeFaceNetwork::BlazeFaceNetwork(BlazeFaceKind kind, const TensorMap& tensors, const std::string& source) {
  const Layout layout = kind == BlazeFaceKind::front ? front_layout() : back_layout();
  side_ = layout.side;
  LayerWeights weights(tensors, source);
  int width = 24;
  stem_ = weights.convolution({.parts = {{layout.stem + ".0", width}}, .in = 3, .kernel = 5, .stride = 2});
  stem_.slope.assign(stem_.slope.size(), 0);
  const auto read_block = [&](const std::string& name, BlockSpec spec, bool shortcut) {
    const int in = std::exchange(width, spec.out);
    Block block{.depthwise = weights.depthwise({{name + ".convs.0", in}}, spec.stride),
                .pointwise = weights.convolution({.parts = {{name + ".convs.1", spec.out}}, .in = in}),
                .shortcut = shortcut};
    block.pointwise.adds = shortcut;
    block.pointwise.slope.assign(block.pointwise.slope.size(), 0);
    return block;
  };
  const auto read_head = [&](const std::string& number, int anchors) {
    return weights.convolution(
        {.parts = {{"classifier_" + number, anchors}, {"regressor_" + number, anchors * kBlazeFaceValues}},
         .in = width});
  };
  for (std::size_t i = 0; i < layout.blocks.size(); ++i)
    blocks_.push_back(read_block(fmt::format("{}.{}", layout.stem, i + 2), layout.blocks[i], true));
  head_16_ = read_head("8", 2);  // upstream names heads by their stride
  for (const std::string& name : layout.tail_names)
    tail_.push_back(read_block(name, {kTailWidth, tail_.empty() ? 2 : 1}, layout.tail_has_shortcut));
  head_8_ = read_head("16", 6);
  weights.finish();
}

BlazeFaceOutput BlazeFaceNetwork::run(const cv::Mat& input) {
  between_.resize(static_cast<std::size_t>(at::get_num_threads()));
  MapView map = run_stem(input);
  for (const Block& block : blocks_) map = run_block(block, map);
  BlazeFaceOutput output;
  run_head(head_16_, map, output);
  for (const Block& block : tail_) map = run_block(block, map);
  run_head(head_8_, map, output);
  return output;
}

MapView BlazeFaceNetwork::fresh(int height, int width, int channels) {
  return buffers_[next_buffer_++ % buffers_.size()].shaped(height, width, stored_channels(channels));
}

MapView BlazeFaceNetwork::run_stem(const cv::Mat& input) {
  // TensorFlow pads what stride 2 leaves over: one pixel before, two after.
  const MapView padded = buffers_[next_buffer_++ % buffers_.size()].shaped(side_ + 3, side_ + 3, 3);
  std::fill_n(padded.values, static_cast<std::size_t>(padded.height) * padded.width * 3, 0.0F);
  const MapView map = fresh(side_ / 2, side_ / 2, stem_.out);
  for (int y = 0; y < side_; ++y) {
    const auto* from = input.ptr<std::uint8_t>(y);
    float* to = padded.at(y + 1, 1);
    for (int i = 0; i < 3 * side_; ++i) to[i] = static_cast<float>(from[i]) / 127.5F - 1;
  }
  each_band(map.height, [&](int row, int rows) {
    convolve(stem_, padded.rows(2 * row, 2 * rows + 3), map.rows(row, rows));
  });
  return map;
}

MapView BlazeFaceNetwork::run_block(const Block& block, const MapView& in) {
  const int stride = block.depthwise.stride;
  const MapView out = fresh(in.height / stride, in.width / stride, block.pointwise.out);
  each_band(out.height, [&](int row, int rows) {
    MapBuffer& between = between_[static_cast<std::size_t>(at::get_thread_num())];
    const MapView filtered = between.shaped(rows, out.width, in.channels);
    filter_channels(block.depthwise, in, row, filtered);
    const MapView band = out.rows(row, rows);
    if (block.shortcut) put_shortcut(in, stride, row, band);
    convolve(block.pointwise, filtered, band);
  });
  return out;
}

void BlazeFaceNetwork::run_head(const ConvLayer& head, const MapView& map, BlazeFaceOutput& output) {
  const MapView answers = fresh(map.height, map.width, head.out);
  convolve(head, map, answers);
  const int anchors = head.out / (1 + kBlazeFaceValues);
  for (int cell = 0; cell < map.height * map.width; ++cell) {
    const float* answer = answers.at(cell / map.width, cell % map.width);
    output.logits.insert(output.logits.end(), answer, answer + anchors);
    output.values.insert(output.values.end(), answer + anchors, answer + head.out);
  }
}

}  // namespace fer
