#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "fer/engine/yunet.hpp"
#include "fer/model/tensor_file.hpp"
#include "map_layers.hpp"
#include "separable_chain.hpp"

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
  MapView run_stem(const cv::Mat& rgb);

  ConvLayer stem_;
  // By stride: the backbone down to it, its part of the neck, and the answers.
  std::array<SeparableChain, kYuNetStrides.size()> backbone_;
  std::array<SeparableChain, kYuNetStrides.size()> neck_;
  std::array<SeparableChain, kYuNetStrides.size()> heads_;
};

}  // namespace fer
