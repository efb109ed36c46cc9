#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "fer/vision/face_crop.hpp"

namespace fer {

/// What the bytes of a crop become before a network takes them, (value / 255 - mean) / std.
class PixelValues {
 public:
  explicit PixelValues(const Preprocessing& preprocessing);

  /// Channels 0..2 are red, green and blue.
  float operator()(std::size_t channel, std::uint8_t byte) const { return values_[channel][byte]; }

 private:
  std::array<std::array<float, 256>, 3> values_;
};

}  // namespace fer
