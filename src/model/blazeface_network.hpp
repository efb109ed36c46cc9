#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "fer/model/tensor_file.hpp"
#include "map_layers.hpp"

namespace fer {

enum class BlazeFaceKind { front, back };

/// What BlazeFace answers for an image, by anchor.
struct BlazeFaceOutput {
  std::vector<float> values;  ///< 16 each: box and points, in pixels of the input
  std::vector<float> logits;
};

/// The networks of Bazarevsky et al. 2019 with the layer names of BlazeFace-PyTorch. For one thread at a
/// time, which LibTorch's others help.
class BlazeFaceNetwork {
 public:
  /// Throws a data error that begins with `source` if the tensors are not this network's.
  BlazeFaceNetwork(BlazeFaceKind kind, const TensorMap& tensors, const std::string& source);

  /// Pixels a side: 128 (front) or 256 (back).
  int side() const { return side_; }

  /// `input`: RGB, 8 bits, side() x side().
  BlazeFaceOutput run(const cv::Mat& input);

 private:
  struct Block {
    DepthwiseLayer depthwise;
    ConvLayer pointwise;
    bool shortcut;
  };

  MapView fresh(int height, int width, int channels);
  MapView run_stem(const cv::Mat& input);
  MapView run_block(const Block& block, const MapView& in);
  void run_head(const ConvLayer& head, const MapView& map, BlazeFaceOutput& output);

  int side_;
  ConvLayer stem_;
  std::vector<Block> blocks_;         // down to the 16x16 map
  std::vector<Block> tail_;           // from there to the 8x8 map
  ConvLayer head_16_;                 // scores, then boxes and points, of two anchors a cell
  ConvLayer head_8_;                  // of six
  std::array<MapBuffer, 3> buffers_;  // the 16x16 map is used twice
  std::size_t next_buffer_ = 0;
  std::vector<MapBuffer> between_;  // two layers of a block, by thread
};

}  // namespace fer
