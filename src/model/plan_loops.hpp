#pragma once

#include <algorithm>
#include <type_traits>

#include "plan_vectors.hpp"

// The loops behind plan_kernels.hpp, written once. Each source file that includes them compiles them for
// instructions of its own, which is why all of this is local to it.

namespace fer {
namespace {

/// Some pixels of some groups of channels.
template <class P, int kPixels, int kGroups>
[[gnu::always_inline]] inline void convolve_tile(const ConvRow<float>& row, const Ending<P, float>& ending,
                                                 int pixel, int group) {
  constexpr int kEach = kGroup / P::kLanes;  // vectors of a group
  constexpr int kVectors = kGroups * kEach;
  constexpr int kBases = (kPixels + 2) / 3;  // an address and two steps from it are one instruction
  const std::ptrdiff_t step = row.pixel_step;
  const std::ptrdiff_t weights = group_weights(row);
  Floats<P> sums[kPixels][kVectors];
#pragma GCC unroll 16
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) sums[p][v] = load<P>(row.bias + group * kGroup + v * P::kLanes);
  }
  const float* weight = row.weight + group * weights;
  for (int r = 0; r < row.rows; ++r) {
    const float* bases[kBases];
#pragma GCC unroll 8
    for (int b = 0; b < kBases; ++b) bases[b] = row.in + (pixel + 3 * b) * step + r * row.row_step;
    for (int i = 0; i < row.run; ++i, weight += kGroup) {
      Floats<P> factors[kVectors];
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v)
        factors[v] = load<P>(weight + v / kEach * weights + v % kEach * P::kLanes);
#pragma GCC unroll 16
      for (int p = 0; p < kPixels; ++p) {
        const float value = bases[p / 3][p % 3 * step];
#pragma GCC unroll 8
        for (int v = 0; v < kVectors; ++v) sums[p][v] += value * factors[v];
      }
#pragma GCC unroll 8
      for (int b = 0; b < kBases; ++b) ++bases[b];
    }
  }
  const std::ptrdiff_t first = pixel * row.out_step + group * kGroup;
#pragma GCC unroll 16
  for (int p = 0; p < kPixels; ++p) {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      const std::ptrdiff_t at = first + p * row.out_step + v * P::kLanes;
      if (row.added != nullptr) sums[p][v] += load<P>(row.added + at);
      store<P>(ending(sums[p][v]), row.out + at);
    }
  }
}

template <class P, int kGroups>
[[gnu::always_inline]] inline void convolve_groups(const ConvRow<float>& row, const Ending<P, float>& ending,
                                                   int first, int last, int group) {
  constexpr int kMost = P::kPixels;
  int pixel = first;
  for (; pixel + kMost <= last; pixel += kMost) convolve_tile<P, kMost, kGroups>(row, ending, pixel, group);
  for (; pixel + kMost / 2 <= last; pixel += kMost / 2)
    convolve_tile<P, kMost / 2, kGroups>(row, ending, pixel, group);
  for (; pixel < last; ++pixel) convolve_tile<P, 1, kGroups>(row, ending, pixel, group);
}

template <class P>
void convolve_row(const ConvRow<float>& row) {
  constexpr int kStretch = 8 * P::kPixels;  // what lies below so many pixels stays in a cache
  const Ending<P, float> ending(row.activation);
  for (int first = 0; first < row.pixels; first += kStretch) {
    const int last = std::min(row.pixels, first + kStretch);
    int group = 0;
    if (last - first == 1) {
      for (; group + 8 / P::kGroups <= row.groups && P::kGroups > 1; group += 8 / P::kGroups)
        convolve_tile<P, 1, 8 / P::kGroups>(row, ending, first, group);
    }
    for (; group + P::kGroups <= row.groups; group += P::kGroups)
      convolve_groups<P, P::kGroups>(row, ending, first, last, group);
    for (; group < row.groups; ++group) convolve_groups<P, 1>(row, ending, first, last, group);
  }
}

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

template <class P, class T>
void mean_of(const Pixels<const T>& pixels, int first, int last, float* out) {
  const float share = 1 / static_cast<float>(pixels.count);
  for (int c = first; c < last; c += P::kLanes) {
    Floats<P> sums[4] = {};
    const T* from = pixels.values + c;
    std::ptrdiff_t i = 0;
    for (; i + 4 <= pixels.count; i += 4) {
#pragma GCC unroll 4
      for (int p = 0; p < 4; ++p) sums[p] += load<P>(from + (i + p) * pixels.channels);
    }
    for (; i < pixels.count; ++i) sums[0] += load<P>(from + i * pixels.channels);
    const Floats<P> middle = ((sums[0] + sums[1]) + (sums[2] + sums[3])) * share;
    store<P>(meaning<P, T>(middle, pixels.scale), out + c);
  }
}

template <class P, class T>
void multiply_all(const Pixels<const T>& pixels, const float* factors, const Pixels<T>& result) {
  const Ending<P, T> ending(Activation::none, result.scale);
  const T* from = pixels.values;
  T* out = result.values;
  for (std::ptrdiff_t i = 0; i < pixels.count; ++i) {
    for (int c = 0; c < pixels.channels; c += P::kLanes, from += P::kLanes, out += P::kLanes)
      store<P>(ending(meaning<P, T>(load<P>(from), pixels.scale) * load<P>(factors + c)), out);
  }
}

template <class P, class T>
void add_all(const Pixels<const T>& a, const Pixels<const T>& b, Activation activation,
             const Pixels<T>& out) {
  const Ending<P, T> ending(activation, out.scale);
  const std::ptrdiff_t count = a.count * a.channels;
  for (std::ptrdiff_t i = 0; i < count; i += P::kLanes) {
    Floats<P> sum = meaning<P, T>(load<P>(a.values + i), a.scale);
    if (b.values != nullptr) sum += meaning<P, T>(load<P>(b.values + i), b.scale);
    store<P>(ending(sum), out.values + i);
  }
}

template <class P, class T>
void greatest_of(const Pixels<const T>& pixels, bool first, T* out) {
  for (int c = 0; c < pixels.channels; c += P::kLanes) {
    Floats<P> most = load<P>(first ? pixels.values + c : out + c);
    for (std::ptrdiff_t i = 0; i < pixels.count; ++i) {
      const Floats<P> number = load<P>(pixels.values + i * pixels.channels + c);
      most = number > most ? number : most;
    }
    store<P>(most, out + c);
  }
}

/// The loops for a processor's vectors and maps of T.
template <class P, class T>
MapKernels<T> kernels_of() {
  return {.filter = &filter_map<P, T>,
          .mean = &mean_of<P, T>,
          .multiply = &multiply_all<P, T>,
          .add = &add_all<P, T>,
          .greatest = &greatest_of<P, T>};
}

template <class P>
FloatKernels float_kernels_of() {
  return {.convolve = &convolve_row<P>, .maps = kernels_of<P, float>()};
}

}  // namespace
}  // namespace fer
