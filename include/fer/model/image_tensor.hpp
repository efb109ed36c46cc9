#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <span>

#include "fer/vision/face_crop.hpp"

namespace fer {

/// What the bytes of a crop become, (value / 255 - mean) / std.
class PixelValues {
 public:
  explicit PixelValues(const Preprocessing& preprocessing);

  /// RGB bytes, three for each pixel, to as many floats.
  void normalise(std::span<const std::uint8_t> pixels, float* out) const;

  float normalised(int channel, std::uint8_t byte) const {
    return values_[static_cast<std::size_t>(channel)][byte];
  }

 private:
  std::array<std::array<float, 256>, 3> values_;
};

/// The one way from crops to a network's input, for training, evaluation and video alike.
/// `pixels` holds N crops of `preprocessing.size` squared RGB bytes; the result is [N,3,size,size] float,
/// (value / 255 - mean) / std, channels-last, on `device`, owning its memory. A GPU gets the bytes and does
/// the arithmetic; the call does not wait for it.
at::Tensor to_tensor(std::span<const std::uint8_t> pixels, const Preprocessing& preprocessing,
                     c10::Device device = c10::kCPU);

}  // namespace fer
