#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "fer/model/activation.hpp"
#include "fer/model/byte_scale.hpp"

namespace fer {

/// The bits of a bfloat16, the upper half of a float's.
enum class Bf16 : std::uint16_t {};

/// A number of a quantised map; its ByteScale says which. The scales below are those of bytes.
enum class Byte : std::uint8_t {};

/// Output channels are computed in groups of so many.
inline constexpr int kGroup = 16;

/// Neighbouring pixels of a row, made by a convolution without padding. A linear layer is one with a single
/// row of weights, its pixels the samples. Sums are floats.
template <class T>
struct ConvRow {
  const T* in = nullptr;          ///< below the first pixel's kernel
  std::ptrdiff_t pixel_step = 0;  ///< values from below one pixel's kernel to below the next one's
  std::ptrdiff_t row_step = 0;    ///< values from one row below a kernel to the next
  int rows = 1;                   ///< of the kernel
  int run = 0;                    ///< values below a row of it, which lie side by side
  const T* weight = nullptr;      ///< [groups][rows * run][kGroup]; of others than float as they are packed
  const float* factors =
      nullptr;                  ///< [groups * kGroup], of bytes alone: what 1 in a sum of products stands for
  const float* bias = nullptr;  ///< [groups * kGroup]
  const T* added = nullptr;     ///< to the sums, before the activation, and laid out as `out`; may be `out`
  ByteScale added_scale = {};
  T* out = nullptr;
  std::ptrdiff_t out_step = 0;  ///< values from one pixel to the next
  ByteScale out_scale = {};
  int pixels = 0;
  int groups = 0;
  Activation activation = Activation::none;
};

/// `run` as packed weights have it: for tiles filled up to whole rows of one, which are 64 bytes.
template <class T>
constexpr int packed_run(int run) {
  constexpr int kFull = std::is_same_v<T, float> ? 1 : 64 / static_cast<int>(sizeof(T));
  return (run + kFull - 1) / kFull * kFull;
}

/// How many weights of a group there are.
template <class T>
std::ptrdiff_t group_weights(const ConvRow<T>& row) {
  return std::ptrdiff_t{row.rows} * packed_run<T>(row.run) * kGroup;
}

/// Some rows of a map filtered by a convolution of each channel with itself, 0 beyond the edge.
template <class T>
struct FilterRows {
  const T* in = nullptr;  ///< [...][width][channels], all rows of the map below the kernels
  int top = 0;            ///< the row that `in` begins with
  int height = 0;         ///< of the map
  int width = 0;
  int channels = 0;  ///< a multiple of kGroup
  int kernel = 3;    ///< 3 or 5
  int stride = 1;    ///< 1 or 2
  int padding = 1;
  int zero = 0;                   ///< the byte of `in` that stands for 0
  const float* weight = nullptr;  ///< [kernel][kernel][channels]; for bytes times the step of `in`
  const float* bias = nullptr;    ///< [channels]
  const Byte* packed =
      nullptr;  ///< instead of `weight`, for bytes and a kernel of 3: as filter_by_dots() says
  const float* factors = nullptr;  ///< with `packed`: what 1 in a channel's sum of products stands for
  T* out = nullptr;                ///< [last - first][out_width][channels]
  ByteScale out_scale = {};
  int out_width = 0;
  int first = 0;  ///< rows of the result to make
  int last = 0;
  Activation activation = Activation::none;
};

/// Pixels of `channels` values, a multiple of kGroup, side by side.
template <class T>
struct Pixels {
  T* values = nullptr;
  std::ptrdiff_t count = 0;
  int channels = 0;
  ByteScale scale = {};
};

/// What planned maps are computed with, for the widest vectors of this processor. Each pixel of a result is
/// the same to the last bit whatever else is computed with it. For one thread.
void convolve(const ConvRow<float>& row);
template <class T>
void filter(const FilterRows<T>& rows);

/// The mean over the pixels of channels first..last-1, multiples of kGroup.
template <class T>
void mean(const Pixels<const T>& pixels, int first, int last, float* out);

/// Each pixel times `factors`, channel by channel.
template <class T>
void multiply(const Pixels<const T>& pixels, const float* factors, const Pixels<T>& out);

/// activation(a + b), or activation(a) where b has no values.
template <class T>
void add(const Pixels<const T>& a, const Pixels<const T>& b, Activation activation, const Pixels<T>& out);

/// The greatest number of each channel, of one scale; of what `out` holds, too, unless it is the first call.
template <class T>
void greatest(const Pixels<const T>& pixels, bool first, T* out);

Bf16 to_bf16(float value);  ///< the nearest, of two the even one

}  // namespace fer
