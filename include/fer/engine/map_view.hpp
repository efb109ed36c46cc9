#pragma once

#include <cstddef>

namespace fer {

/// Rows of pixels of `channels` floats, in memory that belongs to somebody else.
struct MapView {
  float* values = nullptr;
  int height = 0;
  int width = 0;
  int channels = 0;

  MapView rows(int first, int count) const { return {at(first, 0), count, width, channels}; }

  /// The channels of a pixel.
  float* at(int row, int column) const { return values + (std::ptrdiff_t{row} * width + column) * channels; }
};

}  // namespace fer
