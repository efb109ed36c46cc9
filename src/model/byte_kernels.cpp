#include "byte_kernels.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "fer/core/error.hpp"
#include "plan_kernel_tables.hpp"
#include "tile_kernels.hpp"

namespace fer {

void convolve(const ConvRow<Byte>& row) { has_tiles() ? convolve_in_tiles(row) : convolve_by_dots(row); }

}  // namespace fer

#if defined(__x86_64__)

namespace fer {

bool has_byte_kernels() {
  return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl");
}

}  // namespace fer

// GCC 12 warns of what its own immintrin.h leaves undefined on purpose.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,fma"))), \
                             apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512vnni,fma")
#endif
#include "byte_endings.hpp"
#include "plan_loops.hpp"  // after load() and store(), which it uses

namespace fer {
namespace {

constexpr int kPixelsAtOnce = 8;

template <int kPixels>
[[gnu::always_inline]] inline void sum_dots(const ConvRow<Byte>& row, int pixel, int group,
                                            ByteSums<kPixelsAtOnce>& sums) {
  const std::ptrdiff_t weights = group_weights(row);
  const Byte* weight = row.weight + group * weights;
  __m512i dots[kPixels][2] = {};
  for (int r = 0; r < row.rows; ++r, weight += std::ptrdiff_t{packed_run<Byte>(row.run)} * kGroup) {
    const Byte* const from = row.in + pixel * row.pixel_step + r * row.row_step;
    for (int i = 0; i < row.run; i += 4) {
      const __m512i first = _mm512_loadu_si512(weight + i * kGroup);
      const __m512i second = _mm512_loadu_si512(weight + weights + i * kGroup);
#pragma GCC unroll 8
      for (int p = 0; p < kPixels; ++p) {
        std::int32_t four = 0;
        std::memcpy(&four, from + p * row.pixel_step + i, 4);
        const __m512i values = _mm512_set1_epi32(four);
        dots[p][0] = _mm512_dpbusd_epi32(dots[p][0], values, first);
        dots[p][1] = _mm512_dpbusd_epi32(dots[p][1], values, second);
      }
    }
  }
#pragma GCC unroll 8
  for (int p = 0; p < kPixels; ++p) {
    _mm512_store_si512(sums.values[0][p], dots[p][0]);
    _mm512_store_si512(sums.values[1][p], dots[p][1]);
  }
}

void convolve_dots(const ConvRow<Byte>& row) {
  constexpr int kStretch = 16 * kPixelsAtOnce;  // what lies below so many pixels stays in a cache
  const Ending<Widest, Byte> ending(row.activation, row.out_scale);
  ByteSums<kPixelsAtOnce> sums;
  for (int first = 0; first < row.pixels; first += kStretch) {
    const int last = std::min(row.pixels, first + kStretch);
    for (int group = 0; group < row.groups; group += 2) {
      int pixel = first;
      for (; pixel + kPixelsAtOnce <= last; pixel += kPixelsAtOnce) {
        sum_dots<kPixelsAtOnce>(row, pixel, group, sums);
        finish(row, ending, pixel, kPixelsAtOnce, group, sums);
      }
      for (; pixel < last; ++pixel) {
        sum_dots<1>(row, pixel, group, sums);
        finish(row, ending, pixel, 1, group, sums);
      }
    }
  }
}

}  // namespace

void convolve_by_dots(const ConvRow<Byte>& row) { convolve_dots(row); }

MapKernels<Byte> byte_kernels() {
  MapKernels<Byte> kernels = kernels_of<Widest, Byte>();
  kernels.filter = [](const FilterRows<Byte>& rows) {
    rows.packed != nullptr ? filter_by_dots(rows) : filter_map<Widest>(rows);
  };
  return kernels;
}

}  // namespace fer

#ifdef __clang__
#pragma clang attribute pop
#endif

#else

namespace fer {

bool has_byte_kernels() { return false; }

void convolve_by_dots(const ConvRow<Byte>&) { throw failure("this processor has no kernels for bytes"); }

MapKernels<Byte> byte_kernels() { throw failure("this processor has no kernels for bytes"); }

}  // namespace fer

#endif
