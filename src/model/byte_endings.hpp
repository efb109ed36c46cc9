#pragma once

#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "byte_kernels.hpp"
#include "plan_vectors.hpp"

// Bytes in vectors of AVX-512, for the source files that are compiled for it.

namespace fer {
namespace {

template <class P>
[[gnu::always_inline]] inline Floats<P> load(const Byte* from) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return reinterpret_cast<Floats<P>>(_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes)));
}
/// To the nearest, of two the even one, of 0..255.
template <class P>
[[gnu::always_inline]] inline void store(Floats<P> values, Byte* to) {
  const __m512i words = _mm512_cvtps_epi32(reinterpret_cast<__m512>(values));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_cvtepi32_epi8(words));
}

/// Sums of products: two groups of channels of some pixels.
template <int kPixels>
struct alignas(64) ByteSums {
  std::int32_t values[2][kPixels][kGroup];
};

/// Two groups of channels of two pixels, next to each other: to the nearest byte, what lies beyond becomes 0
/// or 255. The second pixel may be the first.
[[gnu::always_inline]] inline void store_pixels(const Floats<Widest> (&pixels)[2][2], Byte* first,
                                                Byte* second) {
  const auto words = [](Floats<Widest> x) __attribute__((always_inline)) {
    return _mm512_cvtps_epi32(reinterpret_cast<__m512>(x));
  };
  const __m512i above = _mm512_packs_epi32(words(pixels[0][0]), words(pixels[0][1]));
  const __m512i below = _mm512_packs_epi32(words(pixels[1][0]), words(pixels[1][1]));
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __m512i bytes = _mm512_permutexvar_epi32(order, _mm512_packus_epi16(above, below));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(second), _mm512_extracti64x4_epi64(bytes, 1));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(first), _mm512_castsi512_si256(bytes));
}

/// What is left to do to a sum of products after its factor and its offset.
enum class Rest { nothing, limits, bend };

template <class Work>
[[gnu::always_inline]] inline void with_rest(const Ending<Widest, Byte>& ending, const Work& work) {
  if (ending.bent) return work(std::integral_constant<Rest, Rest::bend>());
  if (ending.low[0] > 0 || ending.high[0] < 255) return work(std::integral_constant<Rest, Rest::limits>());
  work(std::integral_constant<Rest, Rest::nothing>());
}

/// A factor and an offset for each of some channels, which lead to bytes at once unless there is a bend.
template <Rest kRest, class P>
struct Scaling {
  [[gnu::always_inline]] Scaling(const Ending<P, Byte>& ending, const float* factor, const float* bias,
                                 float more = 0)
      : factors(load<P>(factor)), offsets(load<P>(bias)) {
    if constexpr (kRest == Rest::bend) {
      offsets += more;
    } else {
      factors *= ending.per_step;
      offsets = offsets * ending.per_step + (ending.zero + more);
    }
  }

  [[gnu::always_inline]] Floats<P> scaled(Floats<P> products) const { return products * factors + offsets; }

  /// What lies beyond 0..255 is still to be cut off.
  [[gnu::always_inline]] static Floats<P> end(const Ending<P, Byte>& ending, Floats<P> x) {
    if constexpr (kRest == Rest::limits) return clamped<P>(x, ending.low, ending.high);
    if constexpr (kRest == Rest::bend) return ending(x);
    return x;
  }

  Floats<P> factors;
  Floats<P> offsets;
};

/// Bias, what is added and the activation.
template <Rest kRest, bool kAdds, int kPixels>
[[gnu::always_inline]] inline void finish_all(const ConvRow<Byte>& row, const Ending<Widest, Byte>& ending,
                                              int pixel, int pixels, int group,
                                              const ByteSums<kPixels>& sums) {
  const float unit = row.added_scale.step * (kRest == Rest::bend ? 1 : ending.per_step);
  const float more = kAdds ? -unit * static_cast<float>(row.added_scale.zero) : 0;
  const Scaling<kRest, Widest> scalings[2] = {
      {ending, row.factors + group * kGroup, row.bias + group * kGroup, more},
      {ending, row.factors + (group + 1) * kGroup, row.bias + (group + 1) * kGroup, more}};
  const auto value = [&](int p, int half) __attribute__((always_inline)) {
    Floats<Widest> x = scalings[half].scaled(
        reinterpret_cast<Floats<Widest>>(_mm512_cvtepi32_ps(_mm512_load_si512(sums.values[half][p]))));
    if constexpr (kAdds)
      x += load<Widest>(row.added + (pixel + p) * row.out_step + (group + half) * kGroup) * unit;
    return Scaling<kRest, Widest>::end(ending, x);
  };
  for (int p = 0; p < pixels; p += 2) {
    const int next = std::min(p + 1, pixels - 1);
    Byte* const out = row.out + pixel * row.out_step + group * kGroup;
    const Floats<Widest> both[2][2] = {{value(p, 0), value(p, 1)}, {value(next, 0), value(next, 1)}};
    store_pixels(both, out + p * row.out_step, out + next * row.out_step);
  }
}

template <int kPixels>
[[gnu::always_inline]] inline void finish(const ConvRow<Byte>& row, const Ending<Widest, Byte>& ending,
                                          int pixel, int pixels, int group, const ByteSums<kPixels>& sums) {
  with_rest(
      ending, [&]<Rest kRest>(std::integral_constant<Rest, kRest>) __attribute__((always_inline)) {
        row.added != nullptr ? finish_all<kRest, true>(row, ending, pixel, pixels, group, sums)
                             : finish_all<kRest, false>(row, ending, pixel, pixels, group, sums);
      });
}

}  // namespace
}  // namespace fer
