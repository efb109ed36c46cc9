#include "map_layers.hpp"

#include <algorithm>
#include <cstddef>
#include <type_traits>

namespace fer {
namespace {

// The loops are written once and compiled for several processors: always_inline puts them into the functions
// at the end of the file, each of which has its own instruction set.

/// Floats on which a processor computes at once, wherever they lie in memory, and of how many pixels the sums
/// fill its registers.
struct Baseline {
  using Lanes [[gnu::vector_size(16), gnu::aligned(4), gnu::may_alias]] = float;
  static constexpr int kBlock = 2;
};
struct Wide {
  using Lanes [[gnu::vector_size(32), gnu::aligned(4), gnu::may_alias]] = float;
  static constexpr int kBlock = 6;
};
struct Widest {
  using Lanes [[gnu::vector_size(64), gnu::aligned(4), gnu::may_alias]] = float;
  static constexpr int kBlock = 12;
};

template <class Processor>
constexpr int kLanes = sizeof(typename Processor::Lanes) / sizeof(float);

template <class Processor>
[[gnu::always_inline]] inline const typename Processor::Lanes& lanes(const float* values) {
  return *reinterpret_cast<const typename Processor::Lanes*>(values);
}
template <class Processor>
[[gnu::always_inline]] inline typename Processor::Lanes& lanes(float* values) {
  return *reinterpret_cast<typename Processor::Lanes*>(values);
}

/// The input below a kernel: `runs` stretches of `length` values in each of `rows` rows.
struct Footprint {
  int rows;
  int runs;
  int length;
  std::ptrdiff_t row_step;
  std::ptrdiff_t run_step;
  std::ptrdiff_t pixel_step;  // from one pixel of the result to the next
};

/// What makes a group of channels.
struct Filters {
  const float* weight;
  const float* bias;
  const float* slope;
  bool adds;
};

/// One group of channels of neighbouring pixels.
template <class Processor, int kPixels>
[[gnu::always_inline]] inline void convolve_pixels(const Footprint& footprint, const Filters& filters,
                                                   const float* in, float* out, std::ptrdiff_t out_step) {
  using Lanes = typename Processor::Lanes;
  constexpr int kWidth = kLanes<Processor>;
  constexpr int kVectors = kChannelGroup / kWidth;
  Lanes sums[kPixels][kVectors];
#pragma GCC unroll 12
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sums[p][v] = lanes<Processor>(filters.bias + v * kWidth);
  }
  if (filters.adds) {
#pragma GCC unroll 12
    for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sums[p][v] += lanes<Processor>(out + p * out_step + v * kWidth);
    }
  }
  const float* weight = filters.weight;
  for (int row = 0; row < footprint.rows; ++row) {
    for (int run = 0; run < footprint.runs; ++run) {
      const float* from = in + row * footprint.row_step + run * footprint.run_step;
      for (int i = 0; i < footprint.length; ++i, weight += kChannelGroup) {
#pragma GCC unroll 12
        for (int p = 0; p < kPixels; ++p) {
          const float value = from[p * footprint.pixel_step + i];
#pragma GCC unroll 4
          for (int v = 0; v < kVectors; ++v) sums[p][v] += value * lanes<Processor>(weight + v * kWidth);
        }
      }
    }
  }
#pragma GCC unroll 12
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const Lanes sum = sums[p][v];
      lanes<Processor>(out + p * out_step + v * kWidth) =
          sum > 0 ? sum : sum * lanes<Processor>(filters.slope + v * kWidth);
    }
  }
}

/// Calls block(first pixel, number of pixels as a constant) along a row.
template <int kPixels, class Block>
[[gnu::always_inline]] inline void each_block(int first, int end, const Block& block) {
  for (; end - first >= kPixels; first += kPixels) block(first, std::integral_constant<int, kPixels>());
  if constexpr (kPixels > 1) each_block<kPixels - 1>(first, end, block);
}

template <class Processor>
[[gnu::always_inline]] inline void convolve_map(const ConvLayer& layer, const MapView& in,
                                                const MapView& out) {
  const bool dense = in.channels == layer.in;
  const Footprint footprint{.rows = layer.kernel,
                            .runs = dense ? 1 : layer.kernel,
                            .length = dense ? layer.kernel * layer.in : layer.in,
                            .row_step = std::ptrdiff_t{in.width} * in.channels,
                            .run_step = in.channels,
                            .pixel_step = std::ptrdiff_t{layer.stride} * in.channels};
  const std::ptrdiff_t weights = std::ptrdiff_t{layer.kernel} * layer.kernel * layer.in;  // per channel
  const std::ptrdiff_t out_step = out.channels;
  for (int y = 0; y < out.height; ++y) {
    const float* from = in.at(y * layer.stride, 0);
    for (int channel = 0; channel < out.channels; channel += kChannelGroup) {
      const Filters filters{.weight = layer.weight.data() + channel * weights,
                            .bias = layer.bias.data() + channel,
                            .slope = layer.slope.data() + channel,
                            .adds = layer.adds};
      float* to = out.at(y, 0) + channel;
      each_block<Processor::kBlock>(
          0, out.width, [&](int x, auto pixels) __attribute__((always_inline)) {
            convolve_pixels<Processor, pixels>(footprint, filters, from + x * footprint.pixel_step,
                                               to + x * out_step, out_step);
          });
    }
  }
}

constexpr int kFilterBlock = 4;  // pixels that share what a depthwise layer reads

template <class Processor>
[[gnu::always_inline]] inline void put_filtered(const DepthwiseLayer& layer,
                                                const typename Processor::Lanes& sum, float* to) {
  lanes<Processor>(to) = layer.relu ? (sum > 0 ? sum : typename Processor::Lanes{}) : sum;
}

/// Neighbouring pixels of stride 1, or one pixel, whose kernels begin at `column` and lie between the edges.
template <class Processor, int kPixels>
[[gnu::always_inline]] inline void filter_pixels(const DepthwiseLayer& layer, const RowsBelow& rows,
                                                 int column, std::ptrdiff_t channels, float* to) {
  using Lanes = typename Processor::Lanes;
  for (int c = 0; c < layer.channels; c += kLanes<Processor>) {
    Lanes sums[kPixels];
#pragma GCC unroll 4
    for (int p = 0; p < kPixels; ++p) sums[p] = lanes<Processor>(layer.bias.data() + c);
#pragma GCC unroll 3
    for (int row = 0; row < 3; ++row) {
      if (rows[row] == nullptr) continue;
      const float* from = rows[row] + column * channels + c;
      const float* weight = layer.weight.data() + 3 * row * channels + c;
#pragma GCC unroll 6
      for (int tap = 0; tap < kPixels + 2; ++tap) {
        const Lanes value = lanes<Processor>(from + tap * channels);
#pragma GCC unroll 4
        for (int p = 0; p < kPixels; ++p) {
          if (p <= tap && tap <= p + 2) sums[p] += value * lanes<Processor>(weight + (tap - p) * channels);
        }
      }
    }
#pragma GCC unroll 4
    for (int p = 0; p < kPixels; ++p) put_filtered<Processor>(layer, sums[p], to + p * channels + c);
  }
}

/// A pixel whose kernel begins at `column` and may reach over the edge of `width` columns.
template <class Processor>
[[gnu::always_inline]] inline void filter_edge(const DepthwiseLayer& layer, const RowsBelow& rows, int column,
                                               int width, std::ptrdiff_t channels, float* to) {
  using Lanes = typename Processor::Lanes;
  for (int c = 0; c < layer.channels; c += kLanes<Processor>) {
    Lanes sum = lanes<Processor>(layer.bias.data() + c);
    for (int row = 0; row < 3; ++row) {
      if (rows[row] == nullptr) continue;
      for (int tap = std::max(0, -column); tap < std::min(3, width - column); ++tap) {
        sum += lanes<Processor>(rows[row] + (column + tap) * channels + c) *
               lanes<Processor>(layer.weight.data() + (3 * row + tap) * channels + c);
      }
    }
    put_filtered<Processor>(layer, sum, to + c);
  }
}

/// `width`: columns of the map that is filtered.
template <class Processor>
[[gnu::always_inline]] inline void filter_one_row(const DepthwiseLayer& layer, const RowsBelow& rows,
                                                  int width, const MapView& out) {
  const std::ptrdiff_t channels = out.channels;
  const int before = layer.stride == 1 ? 1 : 0;
  // The end of the pixels whose kernels lie inside.
  const int inside = std::min(out.width, (width - 3 + before + layer.stride) / layer.stride);
  int x = 0;
  for (; x < before; ++x) filter_edge<Processor>(layer, rows, x - before, width, channels, out.at(0, x));
  if (layer.stride == 1) {
    for (; x + kFilterBlock <= inside; x += kFilterBlock)
      filter_pixels<Processor, kFilterBlock>(layer, rows, x - before, channels, out.at(0, x));
  }
  for (; x < inside; ++x)
    filter_pixels<Processor, 1>(layer, rows, x * layer.stride - before, channels, out.at(0, x));
  for (; x < out.width; ++x)
    filter_edge<Processor>(layer, rows, x * layer.stride - before, width, channels, out.at(0, x));
}

template <class Processor>
[[gnu::always_inline]] inline void filter_map_channels(const DepthwiseLayer& layer, const MapView& in,
                                                       int first_row, const MapView& out) {
  for (int y = 0; y < out.height; ++y) {
    const int top = (first_row + y) * layer.stride - (layer.stride == 1 ? 1 : 0);
    RowsBelow rows;
    for (int row = 0; row < 3; ++row) {
      const bool inside = top + row >= 0 && top + row < in.height;
      rows[row] = inside ? in.at(top + row, 0) : nullptr;
    }
    filter_one_row<Processor>(layer, rows, in.width, out.rows(y, 1));
  }
}

template <class Processor>
[[gnu::always_inline]] inline void max_pool_map(const Pool& pool, const MapView& in, const MapView& out) {
  using Lanes = typename Processor::Lanes;
  const std::ptrdiff_t step = in.channels;
  for (int y = 0; y < out.height; ++y) {
    const int bottom = std::min(in.height, y * pool.stride + pool.size);
    for (int x = 0; x < out.width; ++x) {
      const int left = x * pool.stride;
      const int right = std::min(in.width, left + pool.size);
      float* to = out.values + (std::ptrdiff_t{y} * out.width + x) * step;
      for (int c = 0; c < in.channels; c += kLanes<Processor>) {
        const float* channel = in.values + c;
        Lanes most = lanes<Processor>(channel + (std::ptrdiff_t{y} * pool.stride * in.width + left) * step);
        for (int row = y * pool.stride; row < bottom; ++row) {
          for (int column = left; column < right; ++column) {
            const Lanes value = lanes<Processor>(channel + (std::ptrdiff_t{row} * in.width + column) * step);
            most = value > most ? value : most;
          }
        }
        lanes<Processor>(to + c) = most;
      }
    }
  }
}

struct Kernels {
  void (*convolve)(const ConvLayer&, const MapView&, const MapView&);
  void (*filter_channels)(const DepthwiseLayer&, const MapView&, int, const MapView&);
  void (*filter_row)(const DepthwiseLayer&, const RowsBelow&, const MapView&);
  void (*max_pool)(const Pool&, const MapView&, const MapView&);
};

void convolve_anywhere(const ConvLayer& layer, const MapView& in, const MapView& out) {
  convolve_map<Baseline>(layer, in, out);
}
void filter_channels_anywhere(const DepthwiseLayer& layer, const MapView& in, int first_row,
                              const MapView& out) {
  filter_map_channels<Baseline>(layer, in, first_row, out);
}
void filter_row_anywhere(const DepthwiseLayer& layer, const RowsBelow& rows, const MapView& out) {
  filter_one_row<Baseline>(layer, rows, out.width, out);
}
void max_pool_anywhere(const Pool& pool, const MapView& in, const MapView& out) {
  max_pool_map<Baseline>(pool, in, out);
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void convolve_avx2(const ConvLayer& layer, const MapView& in,
                                               const MapView& out) {
  convolve_map<Wide>(layer, in, out);
}
[[gnu::target("avx2,fma")]] void filter_channels_avx2(const DepthwiseLayer& layer, const MapView& in,
                                                      int first_row, const MapView& out) {
  filter_map_channels<Wide>(layer, in, first_row, out);
}
[[gnu::target("avx2,fma")]] void filter_row_avx2(const DepthwiseLayer& layer, const RowsBelow& rows,
                                                 const MapView& out) {
  filter_one_row<Wide>(layer, rows, out.width, out);
}
[[gnu::target("avx2,fma")]] void max_pool_avx2(const Pool& pool, const MapView& in, const MapView& out) {
  max_pool_map<Wide>(pool, in, out);
}

[[gnu::target("avx512f,fma")]] void convolve_avx512(const ConvLayer& layer, const MapView& in,
                                                    const MapView& out) {
  convolve_map<Widest>(layer, in, out);
}
[[gnu::target("avx512f,fma")]] void filter_channels_avx512(const DepthwiseLayer& layer, const MapView& in,
                                                           int first_row, const MapView& out) {
  filter_map_channels<Widest>(layer, in, first_row, out);
}
[[gnu::target("avx512f,fma")]] void filter_row_avx512(const DepthwiseLayer& layer, const RowsBelow& rows,
                                                      const MapView& out) {
  filter_one_row<Widest>(layer, rows, out.width, out);
}
[[gnu::target("avx512f,fma")]] void max_pool_avx512(const Pool& pool, const MapView& in, const MapView& out) {
  max_pool_map<Widest>(pool, in, out);
}
#endif

Kernels kernels_of_this_processor() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    return {.convolve = &convolve_avx512,
            .filter_channels = &filter_channels_avx512,
            .filter_row = &filter_row_avx512,
            .max_pool = &max_pool_avx512};
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return {.convolve = &convolve_avx2,
            .filter_channels = &filter_channels_avx2,
            .filter_row = &filter_row_avx2,
            .max_pool = &max_pool_avx2};
  }
#endif
  return {.convolve = &convolve_anywhere,
          .filter_channels = &filter_channels_anywhere,
          .filter_row = &filter_row_anywhere,
          .max_pool = &max_pool_anywhere};
}

const Kernels& kernels() {
  static const Kernels chosen = kernels_of_this_processor();
  return chosen;
}

}  // namespace

MapView MapBuffer::shaped(int height, int width, int channels) {
  const auto size =
      static_cast<std::size_t>(height) * static_cast<std::size_t>(width) * static_cast<std::size_t>(channels);
  if (values_.size() < size) values_.resize(size);
  return {.values = values_.data(), .height = height, .width = width, .channels = channels};
}

void convolve(const ConvLayer& layer, const MapView& in, const MapView& out) {
  kernels().convolve(layer, in, out);
}

void filter_channels(const DepthwiseLayer& layer, const MapView& in, int first_row, const MapView& out) {
  kernels().filter_channels(layer, in, first_row, out);
}

void filter_row(const DepthwiseLayer& layer, const RowsBelow& rows, const MapView& out) {
  kernels().filter_row(layer, rows, out);
}

void max_pool(const Pool& pool, const MapView& in, const MapView& out) { kernels().max_pool(pool, in, out); }

}  // namespace fer
