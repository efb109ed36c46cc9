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
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) sums[p][v] = lanes<Processor>(filters.bias + v * kWidth);
  }
  if (filters.adds) {
#pragma GCC unroll 8
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
#pragma GCC unroll 8
        for (int p = 0; p < kPixels; ++p) {
          const float value = from[p * footprint.pixel_step + i];
#pragma GCC unroll 4
          for (int v = 0; v < kVectors; ++v) sums[p][v] += value * lanes<Processor>(weight + v * kWidth);
        }
      }
    }
  }
#pragma GCC unroll 8
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

/// Rows or columns of a 3x3 kernel, some of which may lie beyond the edge.
struct Taps {
  int first;  // of the map
  int begin;  // the part of 0..3 that lies inside
  int end;

  Taps(int position, int stride, int length)
      : first(position * stride - (stride == 1 ? 1 : 0)),
        begin(std::max(0, -first)),
        end(std::min(3, length - first)) {}

  bool inside() const { return begin == 0 && end == 3; }
};

/// With kInside all taps are inside.
template <class Processor, bool kInside>
[[gnu::always_inline]] inline void filter_pixel(const DepthwiseLayer& layer, const MapView& in,
                                                const Taps& rows, const Taps& columns, float* to) {
  using Lanes = typename Processor::Lanes;
  const std::ptrdiff_t row_step = std::ptrdiff_t{in.width} * in.channels;
  const float* from = in.at(rows.first, columns.first);
  for (int c = 0; c < layer.channels; c += kLanes<Processor>) {
    Lanes sum = lanes<Processor>(layer.bias.data() + c);
    const float* weight = layer.weight.data() + c;
#pragma GCC unroll 3
    for (int row = kInside ? 0 : rows.begin; row < (kInside ? 3 : rows.end); ++row) {
#pragma GCC unroll 3
      for (int column = kInside ? 0 : columns.begin; column < (kInside ? 3 : columns.end); ++column) {
        sum += lanes<Processor>(from + row * row_step + column * in.channels + c) *
               lanes<Processor>(weight + (3 * row + column) * in.channels);
      }
    }
    lanes<Processor>(to + c) = sum;
  }
}

template <class Processor>
[[gnu::always_inline]] inline void filter_map_channels(const DepthwiseLayer& layer, const MapView& in,
                                                       int first_row, const MapView& out) {
  for (int y = 0; y < out.height; ++y) {
    const Taps rows(first_row + y, layer.stride, in.height);
    for (int x = 0; x < out.width; ++x) {
      const Taps columns(x, layer.stride, in.width);
      if (rows.inside() && columns.inside()) {
        filter_pixel<Processor, true>(layer, in, rows, columns, out.at(y, x));
      } else {
        filter_pixel<Processor, false>(layer, in, rows, columns, out.at(y, x));
      }
    }
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
  void (*max_pool)(const Pool&, const MapView&, const MapView&);
};

void convolve_anywhere(const ConvLayer& layer, const MapView& in, const MapView& out) {
  convolve_map<Baseline>(layer, in, out);
}
void filter_channels_anywhere(const DepthwiseLayer& layer, const MapView& in, int first_row,
                              const MapView& out) {
  filter_map_channels<Baseline>(layer, in, first_row, out);
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
[[gnu::target("avx2,fma")]] void max_pool_avx2(const Pool& pool, const MapView& in, const MapView& out) {
  max_pool_map<Wide>(pool, in, out);
}
#endif

const Kernels& kernels() {
  static const Kernels chosen = [] {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
      return Kernels{
          .convolve = &convolve_avx2, .filter_channels = &filter_channels_avx2, .max_pool = &max_pool_avx2};
    }
#endif
    return Kernels{.convolve = &convolve_anywhere,
                   .filter_channels = &filter_channels_anywhere,
                   .max_pool = &max_pool_anywhere};
  }();
  return chosen;
}

}  // namespace

MapView MapView::rows(int first, int count) const {
  return {.values = values + std::ptrdiff_t{first} * width * channels,
          .height = count,
          .width = width,
          .channels = channels};
}

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

void max_pool(const Pool& pool, const MapView& in, const MapView& out) { kernels().max_pool(pool, in, out); }

}  // namespace fer
