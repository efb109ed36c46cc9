#pragma once

#include <algorithm>
#include <cstddef>

#include "plan_vectors.hpp"

// A part of plan_loops.hpp: convolutions, but those of single channels.

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

}  // namespace
}  // namespace fer
