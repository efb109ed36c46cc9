#pragma once

#include <ATen/core/Tensor.h>

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "fer/model/checkpoint.hpp"
#include "fer/model/quantise.hpp"
#include "support/error_text.hpp"

namespace fer::test {

constexpr int kSide = 64;

/// Of a checkpoint with three classes.
CheckpointInfo info_of(const std::string& backbone);

/// Soft blobs, each image other ones.
std::vector<cv::Mat> drawn_crops(int count);

/// The norms' statistics are those of the images, and what enters an activation is mostly where it is a
/// straight line. Without training, only then do images differ to the end, and small errors stay small.
LayerList settled_layers(const std::string& backbone, const at::Tensor& images);

}  // namespace fer::test
