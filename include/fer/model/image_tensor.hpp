#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <opencv2/core.hpp>
#include <span>

#include "fer/vision/face_crop.hpp"

namespace fer {

/// The one way from crops to a network's input, for training, evaluation and video alike.
/// `pixels` holds N crops of `preprocessing.size` squared RGB bytes; the result is [N,3,size,size] float,
/// (value / 255 - mean) / std, channels-last, on `device`, owning its memory. A GPU gets the bytes and does
/// the arithmetic; the call does not wait for it.
at::Tensor to_tensor(std::span<const std::uint8_t> pixels, const Preprocessing& preprocessing,
                     c10::Device device = c10::kCPU);

/// The same of crops that each lie somewhere.
at::Tensor crops_to_tensor(std::span<const cv::Mat> crops, const Preprocessing& preprocessing);

}  // namespace fer
