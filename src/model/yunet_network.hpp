#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "fer/model/tensor_file.hpp"
#include "map_layers.hpp"
#include "yunet_decoding.hpp"

namespace fer {

/// YuNet (Wu, Peng, Yu 2023): n, the one that OpenCV ships, and s, which has no layers that heads share.
enum class YuNetKind { n, s };

/// Its convolutions in the order in which its ONNX files hold them, with the names of libfacedetection.train.
std::vector<std::string> yunet_layers(YuNetKind kind);

/// For one thread at a time, which LibTorch's others help.
class YuNetNetwork {
 public:
  /// `tensors`: NAME.weight and NAME.bias of the layers, into which batch normalisation has been folded.
  /// Throws a data error that begins with `source` if they are not this network's.
  YuNetNetwork(YuNetKind kind, const TensorMap& tensors, const std::string& source);

  /// `rgb`: 8 bits, any size; for the network there is black to the right and below, up to whole cells of the
  /// largest stride. The output lasts until the next run.
  YuNetOutput run(const cv::Mat& rgb);

 private:
  struct Block {
    bool halves = false;  // takes the greatest of 2x2 pixels first
    ConvLayer pointwise = {};
    DepthwiseLayer depthwise = {};
    MapBuffer result = {};
  };

  /// A stride's way from the backbone to its answers.
  struct Level {
    Block lateral;
    std::vector<Block> shared;  // none or one
    Block head;
  };

  /// The rows a thread needs at a time.
  struct Workspace {
    MapBuffer pixels;
    MapBuffer input;
    MapBuffer between;
  };

  template <class Source>
  MapView run_block(Block& block, cv::Size size, const Source& source);
  MapView run_block(Block& block, const MapView& in);
  MapView run_stem(const cv::Mat& rgb, cv::Size padded);
  MapView run_sum(Block& block, const MapView& fine, const MapView& coarse);

  ConvLayer stem_;
  std::vector<Block> backbone_;  // the first on the stem
  std::array<Level, kYuNetStrides.size()> levels_;
  std::vector<Workspace> workspaces_;  // by thread
};

}  // namespace fer
