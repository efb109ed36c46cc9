#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "fer/engine/map_view.hpp"

namespace fer {

/// Channels of every map but the image are stored in whole groups of so many, the surplus ones 0.
constexpr int kChannelGroup = 16;

constexpr int stored_channels(int channels) {
  return (channels + kChannelGroup - 1) / kChannelGroup * kChannelGroup;
}

/// Memory for one map at a time.
class MapBuffer {
 public:
  MapView shaped(int height, int width, int channels);

 private:
  std::vector<float> values_;
};

/// A convolution without padding, then PReLU. A dense layer is one whose kernel is the whole map.
struct ConvLayer {
  int in = 0;
  int out = 0;
  int kernel = 1;
  int stride = 1;
  bool adds = false;               ///< to what `out` holds, before PReLU
  std::vector<float> weight = {};  ///< [group of out][kernel][kernel][in][kChannelGroup]
  std::vector<float> bias = {};    ///< [stored_channels(out)]
  std::vector<float> slope = {};   ///< the same, of negative values: 1 for no PReLU
};

/// `in` has layer.in channels or more; `out` as many pixels as kernels fit in each way, or fewer. What a
/// pixel becomes depends on the pixels below the kernel alone, to the last bit. For one thread.
void convolve(const ConvLayer& layer, const MapView& in, const MapView& out);

/// A 3x3 convolution of each channel with itself. Beyond the edge all is 0: for stride 1 a
/// pixel on each side, for stride 2 one at the right and bottom, as TensorFlow pads maps of even size.
struct DepthwiseLayer {
  int channels = 0;
  int stride = 1;
  bool relu = false;               ///< what would be negative becomes 0
  std::vector<float> weight = {};  ///< [9][stored channels]
  std::vector<float> bias = {};    ///< [stored channels]
};

/// The rows of the result from `first_row` on, as many as `out` has; `in` and `out` have the layer's channels
/// in whole groups, and what `out` gets in the surplus ones is not said. For one thread.
void filter_channels(const DepthwiseLayer& layer, const MapView& in, int first_row, const MapView& out);

/// Three rows of a map below a kernel, from top to bottom: each its first pixel, or null beyond the edge.
using RowsBelow = std::array<const float*, 3>;

/// The same for stride 1 and one row, whose neighbours need not lie side by side in memory.
void filter_row(const DepthwiseLayer& layer, const RowsBelow& rows, const MapView& out);

struct Pool {
  int size;
  int stride;

  /// The last window may reach over the edge.
  int shrunk(int length) const { return (length - size + stride - 1) / stride + 1; }
};

/// The greatest of each window; `out` is pool.shrunk() each way.
void max_pool(const Pool& pool, const MapView& in, const MapView& out);

}  // namespace fer
