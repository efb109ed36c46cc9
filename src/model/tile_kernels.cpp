#include "tile_kernels.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "fer/core/error.hpp"
#include "plan_kernel_tables.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace fer {

void pack_pairs(const float* weight, int groups, int values, Bf16* packed) {
  for (int group = 0; group < groups; ++group) {
    for (int i = 0; i < values; ++i, weight += kGroup) {
      Bf16* const pair = packed + (std::ptrdiff_t{group} * values + i / 2 * 2) * kGroup + i % 2;
      for (int c = 0; c < kGroup; ++c) pair[2 * c] = to_bf16(weight[c]);
    }
  }
}

}  // namespace fer

#if defined(__x86_64__)

namespace fer {

namespace {

/// AMX-TILE, AMX-BF16 and AMX-INT8, by leaf 7 of CPUID: not every compiler's __builtin_cpu_supports() knows
/// them.
bool has_amx() {
  constexpr unsigned kNeeded = 1U << 24 | 1U << 22 | 1U << 25;
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (edx & kNeeded) == kNeeded;
}

}  // namespace

bool has_tiles() {
  constexpr long kAsk = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;
  static const bool has =
      __builtin_cpu_supports("avx512bf16") && has_amx() && ::syscall(SYS_arch_prctl, kAsk, kTileData) == 0;
  return has;
}

}  // namespace fer

// GCC 12 warns of what its own immintrin.h leaves undefined on purpose.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#ifdef __clang__
#pragma clang attribute push(                                                                       \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16,fma,amx-tile,amx-bf16,amx-int8"))), \
    apply_to = function)
#else
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512bf16,fma,amx-tile,amx-bf16,amx-int8")
#endif
#include "byte_endings.hpp"

namespace fer {
namespace {

template <class P>
[[gnu::always_inline]] inline Floats<P> load(const Bf16* from) {
  const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return reinterpret_cast<Floats<P>>(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}
template <class P>
[[gnu::always_inline]] inline void store(Floats<P> values, Bf16* to) {
  const __m256bh halves = _mm512_cvtneps_pbh(reinterpret_cast<__m512>(values));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), reinterpret_cast<__m256i>(halves));
}

}  // namespace
}  // namespace fer

#include "plan_loops.hpp"  // after load() and store(), which it uses
#endif

namespace fer {

#if defined(__x86_64__)

namespace {

constexpr int kRows = 16;  // of a tile

/// What a processor's tiles are to be: all of them 16 rows of 64 bytes.
struct alignas(64) TileShapes {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t bytes_per_row[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

constexpr int kPixels = 2 * kRows;  // at once

/// Two groups of channels of two tiles of pixels.
template <class T>
struct alignas(64) Sums {
  float values[2][kPixels][kGroup];
};
template <>
struct Sums<Byte> : ByteSums<kPixels> {};

template <class T>
inline constexpr int kTileRun = 64 / static_cast<int>(sizeof(T));  // values of a row

/// The sums for 16 pixels, or 32.
template <bool kBoth, class T>
[[gnu::always_inline]] inline void sum_tiles(const ConvRow<T>& row, int pixel, int group, Sums<T>& sums) {
  const std::ptrdiff_t weights = group_weights(row);
  const std::size_t step = static_cast<std::size_t>(row.pixel_step) * sizeof(T);
  const T* weight = row.weight + group * weights;
  _tile_zero(0);
  _tile_zero(1);
  if constexpr (kBoth) {
    _tile_zero(2);
    _tile_zero(3);
  }
  for (int r = 0; r < row.rows; ++r) {
    const T* from = row.in + pixel * row.pixel_step + r * row.row_step;
    for (int i = 0; i < row.run; i += kTileRun<T>) {
      _tile_loadd(6, weight, 64);
      _tile_loadd(7, weight + weights, 64);
      _tile_loadd(4, from + i, step);
      if constexpr (kBoth) _tile_loadd(5, from + kRows * row.pixel_step + i, step);
      if constexpr (std::is_same_v<T, Byte>) {
        _tile_dpbusd(0, 4, 6);
        _tile_dpbusd(1, 4, 7);
        if constexpr (kBoth) {
          _tile_dpbusd(2, 5, 6);
          _tile_dpbusd(3, 5, 7);
        }
      } else {
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        if constexpr (kBoth) {
          _tile_dpbf16ps(2, 5, 6);
          _tile_dpbf16ps(3, 5, 7);
        }
      }
      weight += kTileRun<T> * kGroup;
    }
  }
  _tile_stored(0, sums.values[0][0], 64);
  _tile_stored(1, sums.values[1][0], 64);
  if constexpr (kBoth) {
    _tile_stored(2, sums.values[0][kRows], 64);
    _tile_stored(3, sums.values[1][kRows], 64);
  }
}

/// Bias, what is added and the activation, if there is one.
template <bool kEnds>
[[gnu::always_inline]] inline void finish_all(const ConvRow<Bf16>& row, const Ending<Widest, Bf16>& ending,
                                              int pixel, int pixels, int group, const Sums<Bf16>& sums) {
  const float* const bias = row.bias + group * kGroup;
  const auto first = load<Widest>(bias);
  const auto second = load<Widest>(bias + kGroup);
  std::ptrdiff_t at = pixel * row.out_step + group * kGroup;
  for (int p = 0; p < pixels; ++p, at += row.out_step) {
    auto a = load<Widest>(sums.values[0][p]) + first;
    auto b = load<Widest>(sums.values[1][p]) + second;
    if (row.added != nullptr) {
      a += load<Widest>(row.added + at);
      b += load<Widest>(row.added + at + kGroup);
    }
    store<Widest>(kEnds ? ending(a) : a, row.out + at);
    store<Widest>(kEnds ? ending(b) : b, row.out + at + kGroup);
  }
}

[[gnu::always_inline]] inline void finish(const ConvRow<Bf16>& row, const Ending<Widest, Bf16>& ending,
                                          int pixel, int pixels, int group, const Sums<Bf16>& sums) {
  row.activation == Activation::none ? finish_all<false>(row, ending, pixel, pixels, group, sums)
                                     : finish_all<true>(row, ending, pixel, pixels, group, sums);
}

/// Pixels of two groups of channels.
struct Block {
  int pixel = 0;
  int pixels = 0;
  int group = 0;
};

/// A block's sums are finished while the tiles work on the next one's.
template <class T>
class TileRun {
 public:
  explicit TileRun(const ConvRow<T>& row) : row_(row), ending_(row.activation, row.out_scale) {}

  void run() {
    constexpr int kStretch = 256;  // what lies below so many pixels stays in a cache
    static constexpr TileShapes kShapes;
    _tile_loadconfig(&kShapes);
    for (int first = 0; first < row_.pixels; first += kStretch) {
      const int last = std::min(row_.pixels, first + kStretch);
      for (int group = 0; group < row_.groups; group += 2) {
        for (int pixel = first; pixel < last; pixel += kPixels)
          start({.pixel = pixel, .pixels = std::min(kPixels, last - pixel), .group = group});
      }
    }
    _tile_release();
    finish_started();
  }

 private:
  [[gnu::always_inline]] void start(const Block& block) {
    block.pixels > kRows ? sum_tiles<true>(row_, block.pixel, block.group, sums_[turn_])
                         : sum_tiles<false>(row_, block.pixel, block.group, sums_[turn_]);
    finish_started();
    started_ = block;
    turn_ = 1 - turn_;
  }

  [[gnu::always_inline]] void finish_started() const {
    if (started_.pixels == 0) return;
    finish(row_, ending_, started_.pixel, started_.pixels, started_.group, sums_[1 - turn_]);
  }

  const ConvRow<T>& row_;
  Ending<Widest, T> ending_;
  Block started_;
  int turn_ = 0;
  Sums<T> sums_[2];
};

}  // namespace

void convolve(const ConvRow<Bf16>& row) { TileRun(row).run(); }

void convolve_in_tiles(const ConvRow<Byte>& row) { TileRun(row).run(); }

MapKernels<Bf16> tile_processor_kernels() { return kernels_of<Widest, Bf16>(); }

#ifdef __clang__
#pragma clang attribute pop
#endif

#else

bool has_tiles() { return false; }

void convolve(const ConvRow<Bf16>&) { throw failure("this processor has no tiles"); }

void convolve_in_tiles(const ConvRow<Byte>&) { throw failure("this processor has no tiles"); }

MapKernels<Bf16> tile_processor_kernels() { throw failure("this processor has no tiles"); }

#endif

}  // namespace fer
