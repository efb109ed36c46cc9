#pragma once

#include <algorithm>
#include <cstddef>
#include <type_traits>

#include "plan_vectors.hpp"

// A part of plan_loops.hpp: a filter for each channel (depthwise convolution).

namespace fer {
namespace {

/// `kRows` rows of a map, from `first` on; null beyond the edge.
template <class T, int kRows>
struct RowsUnder {
  RowsUnder(const FilterRows<T>& rows, int first) {
    for (int r = 0; r < kRows; ++r) {
      const int row = first + r;
      const bool inside = row >= 0 && row < rows.height;
      at[r] = inside ? rows.in + std::ptrdiff_t{row - rows.top} * rows.width * rows.channels : nullptr;
    }
  }

  const T* at[kRows];
};

/// What a filter does, known when it is compiled.
template <class FilterVectors, class Number, int kKernelSide, int kStep, bool kZeroByte>
struct FilterKind {
  using P = FilterVectors;
  using T = Number;
  static constexpr int kKernel = kKernelSide;
  static constexpr int kStride = kStep;
  static constexpr int kPixels = kKernel == 3 ? 4 : 2;            // made at once
  static constexpr int kRows = 2;                                 // made at once
  static constexpr int kBelow = kKernel + (kRows - 1) * kStride;  // rows below the kernels of those

  static Floats<P> from_zero(const FilterRows<T>& rows, const T* from) __attribute__((always_inline)) {
    if constexpr (kZeroByte) return load<P>(from) - static_cast<float>(rows.zero);
    return load<P>(from);
  }
};

/// Neighbouring pixels of neighbouring rows, whose kernels begin at `column`; taps kFirst..kLast-1 lie
/// between the edges. A value is loaded once for all of them.
template <class Kind, int kRows, int kPixels, int kFirst, int kLast, class T>
[[gnu::always_inline]] inline void filter_inside(const FilterRows<T>& rows,
                                                 const Ending<typename Kind::P, T>& ending,
                                                 const RowsUnder<T, Kind::kBelow>& under, int column,
                                                 T* out) {
  using P = typename Kind::P;
  const std::ptrdiff_t channels = rows.channels;
  const std::ptrdiff_t out_line = std::ptrdiff_t{rows.out_width} * channels;
  for (int c = 0; c < channels; c += P::kLanes) {
    Floats<P> sums[kRows][kPixels];
#pragma GCC unroll 2
    for (int q = 0; q < kRows; ++q) {
#pragma GCC unroll 4
      for (int p = 0; p < kPixels; ++p) sums[q][p] = load<P>(rows.bias + c);
    }
#pragma GCC unroll 7
    for (int r = 0; r < Kind::kKernel + (kRows - 1) * Kind::kStride; ++r) {
      if (under.at[r] == nullptr) continue;
      const T* from = under.at[r] + column * channels + c;
#pragma GCC unroll 16
      for (int tap = kFirst; tap < kLast + (kPixels - 1) * Kind::kStride; ++tap) {
        const Floats<P> value = Kind::from_zero(rows, from + tap * channels);
#pragma GCC unroll 2
        for (int q = 0; q < kRows; ++q) {
          const int row = r - q * Kind::kStride;
          if (row < 0 || row >= Kind::kKernel) continue;
          const float* weight = rows.weight + row * Kind::kKernel * channels + c;
#pragma GCC unroll 4
          for (int p = 0; p < kPixels; ++p) {
            const int own = tap - p * Kind::kStride;
            if (kFirst <= own && own < kLast) sums[q][p] += value * load<P>(weight + own * channels);
          }
        }
      }
    }
#pragma GCC unroll 2
    for (int q = 0; q < kRows; ++q) {
#pragma GCC unroll 4
      for (int p = 0; p < kPixels; ++p) store<P>(ending(sums[q][p]), out + q * out_line + p * channels + c);
    }
  }
}

/// A pixel whose kernel begins at `column` and may reach over the edge.
template <class Kind, class T>
[[gnu::always_inline]] inline void filter_edge(const FilterRows<T>& rows,
                                               const Ending<typename Kind::P, T>& ending,
                                               const T* const* under, int column, T* out) {
  using P = typename Kind::P;
  const std::ptrdiff_t channels = rows.channels;
  const int first = std::max(0, -column);
  const int last = std::min(Kind::kKernel, rows.width - column);
  for (int c = 0; c < channels; c += P::kLanes) {
    Floats<P> sum = load<P>(rows.bias + c);
    for (int r = 0; r < Kind::kKernel; ++r) {
      if (under[r] == nullptr) continue;
      for (int tap = first; tap < last; ++tap)
        sum += Kind::from_zero(rows, under[r] + (column + tap) * channels + c) *
               load<P>(rows.weight + (r * Kind::kKernel + tap) * channels + c);
    }
    store<P>(ending(sum), out + c);
  }
}

/// `kRows` rows of the result.
template <class Kind, int kRows, class T>
struct FilterLines {
  static constexpr int kKernel = Kind::kKernel;
  static constexpr int kStride = Kind::kStride;

  [[gnu::always_inline]] void run() const {
    const int begin = std::min(rows.out_width, (rows.padding + kStride - 1) / kStride);
    const int room = rows.width + rows.padding - kKernel;  // the last column a whole kernel may begin at
    const int end = room < 0 ? begin : std::clamp(room / kStride + 1, begin, rows.out_width);
    int x = 0;
    for (; x < begin; ++x) edge(x);
    for (; x + Kind::kPixels <= end; x += Kind::kPixels) inside<Kind::kPixels, 0, kKernel>(x);
    for (; x < end; ++x) inside<1, 0, kKernel>(x);
    for (; x < rows.out_width; ++x) edge(x);
  }

  [[gnu::always_inline]] int column(int x) const { return x * kStride - rows.padding; }
  [[gnu::always_inline]] T* at(int x) const { return out + std::ptrdiff_t{x} * rows.channels; }

  template <int kPixels, int kFirst, int kLast>
  [[gnu::always_inline]] void inside(int x) const {
    filter_inside<Kind, kRows, kPixels, kFirst, kLast>(rows, ending, under, column(x), at(x));
  }

  /// What commonly lies between the edges has loops of its own.
  [[gnu::always_inline]] void edge(int x) const {
    const int first = std::max(0, -column(x));
    const int last = std::min(kKernel, rows.width - column(x));
    if (first == 1 && last == kKernel) return inside<1, 1, kKernel>(x);
    if (first == 0 && last == kKernel - 1) return inside<1, 0, kKernel - 1>(x);
    if (kKernel == 5 && first == 2 && last == kKernel) return inside<1, kKernel / 2, kKernel>(x);
    if (kKernel == 5 && first == 0 && last == kKernel - 2) return inside<1, 0, kKernel / 2 + 1>(x);
    for (int q = 0; q < kRows; ++q) {
      filter_edge<Kind>(rows, ending, under.at + q * kStride, column(x),
                        at(x) + std::ptrdiff_t{q} * rows.out_width * rows.channels);
    }
  }

  const FilterRows<T>& rows;
  const Ending<typename Kind::P, T>& ending;
  RowsUnder<T, Kind::kBelow> under;
  T* out;
};

template <class Kind, class T>
void filter_all(const FilterRows<T>& rows) {
  const Ending<typename Kind::P, T> ending(rows.activation, rows.out_scale);
  int y = rows.first;
  const auto lines = [&]<int kRows>(std::integral_constant<int, kRows>) {
    FilterLines<Kind, kRows, T>{
        .rows = rows,
        .ending = ending,
        .under = {rows, y * Kind::kStride - rows.padding},
        .out = rows.out + std::ptrdiff_t{y - rows.first} * rows.out_width * rows.channels}
        .run();
  };
  for (; y + Kind::kRows <= rows.last; y += Kind::kRows) lines(std::integral_constant<int, Kind::kRows>());
  for (; y < rows.last; ++y) lines(std::integral_constant<int, 1>());
}

template <class P, bool kZeroByte, class T>
void filter_with(const FilterRows<T>& rows) {
  const bool small = rows.kernel == 3;
  if (rows.stride == 1) {
    small ? filter_all<FilterKind<P, T, 3, 1, kZeroByte>>(rows)
          : filter_all<FilterKind<P, T, 5, 1, kZeroByte>>(rows);
  } else {
    small ? filter_all<FilterKind<P, T, 3, 2, kZeroByte>>(rows)
          : filter_all<FilterKind<P, T, 5, 2, kZeroByte>>(rows);
  }
}

template <class P, class T>
void filter_map(const FilterRows<T>& rows) {
  if (std::is_same_v<T, Byte> && rows.zero != 0) return filter_with<P, true>(rows);
  filter_with<P, false>(rows);
}

}  // namespace
}  // namespace fer
