#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "plan_kernels.hpp"

// Arithmetic on vectors of several widths, for the instructions of the source file that includes it. Every
// function is put into its caller, so no vector is ever passed, which is what the compiler warns of.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace fer {
namespace {

/// Vectors of a processor, wherever they lie in memory, and how many pixels' sums fill its registers.
template <int kBytes>
struct Vectors {
  static constexpr int kLanes = kBytes / 4;
  using Floats [[gnu::vector_size(kBytes), gnu::aligned(4), gnu::may_alias]] = float;
  using Words [[gnu::vector_size(kBytes), gnu::aligned(4), gnu::may_alias]] = std::uint32_t;
};
struct Baseline : Vectors<16> {
#if defined(__aarch64__)
  static constexpr int kPixels = 6;
#else
  static constexpr int kPixels = 2;
#endif
  static constexpr int kGroups = 1;
};
struct Wide : Vectors<32> {
  static constexpr int kPixels = 6;
  static constexpr int kGroups = 1;
};
struct Widest : Vectors<64> {
  static constexpr int kPixels = 14;
  static constexpr int kGroups = 2;
};

template <class P>
using Floats = typename P::Floats;

template <class P>
[[gnu::always_inline]] inline Floats<P> load(const float* from) {
  return *reinterpret_cast<const Floats<P>*>(from);
}
template <class P>
[[gnu::always_inline]] inline void store(Floats<P> values, float* to) {
  *reinterpret_cast<Floats<P>*>(to) = values;
}
/// What a stored number stands for.
template <class P, class T>
[[gnu::always_inline]] inline Floats<P> meaning(Floats<P> stored, ByteScale scale) {
  if constexpr (std::is_same_v<T, Byte>) return (stored - static_cast<float>(scale.zero)) * scale.step;
  return stored;
}

/// The number in every lane: taking 0 from it changes nothing and costs nothing.
template <class P>
[[gnu::always_inline]] inline Floats<P> all(float number) {
  return number - Floats<P>{};
}

template <class P>
[[gnu::always_inline]] inline Floats<P> clamped(Floats<P> x, Floats<P> low, Floats<P> high) {
  x = x > low ? x : low;
  return x < high ? x : high;
}

/// To a few units in the last place (Cephes' expf).
template <class P>
[[gnu::always_inline]] inline Floats<P> exponential(Floats<P> x) {
  using Words = typename P::Words;
  constexpr float kRound = 12582912;  // adding it leaves the nearest integer in the lowest bits
  x = clamped<P>(x, all<P>(-87), all<P>(88));
  const Floats<P> shifted = x * 1.44269504F + kRound;
  const Floats<P> power = shifted - kRound;
  const Floats<P> r = x - power * 0.693359375F + power * 2.12194440e-4F;
  Floats<P> y = r * 1.9875691500e-4F + 1.3981999507e-3F;
  y = y * r + 8.3334519073e-3F;
  y = y * r + 4.1665795894e-2F;
  y = y * r + 1.6666665459e-1F;
  y = y * r + 5.0000001201e-1F;
  y = y * r * r + r + 1.0F;
  const Words scale = (reinterpret_cast<Words>(shifted) + 127U) << 23;
  return y * reinterpret_cast<Floats<P>>(scale);
}

/// What becomes of a sum before it is stored as a T: values are held between two limits, or bent; for bytes,
/// the number of the byte comes out.
template <class P, class T>
struct Ending {
  static constexpr bool kBytes = std::is_same_v<T, Byte>;

  [[gnu::always_inline]] explicit Ending(Activation a, ByteScale scale = {})
      : activation(a),
        bent(a != Activation::none && a != Activation::relu && a != Activation::relu6),
        per_step(1 / scale.step),
        zero(static_cast<float>(scale.zero)) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    const bool free = bent || a == Activation::none;
    const float least = free ? -kInfinity : 0;
    const float most = a == Activation::relu6 ? 6 : kInfinity;
    low = all<P>(kBytes ? std::max(0.0F, least * per_step + zero) : least);
    high = all<P>(kBytes ? std::min(255.0F, most * per_step + zero) : most);
  }

  [[gnu::always_inline]] Floats<P> operator()(Floats<P> x) const {
    if constexpr (kBytes) return clamped<P>((bent ? bend(x) : x) * per_step + zero, low, high);
    return bent ? bend(x) : clamped<P>(x, low, high);
  }

  [[gnu::always_inline]] Floats<P> bend(Floats<P> x) const {
    const Floats<P> sixth = clamped<P>(x + 3.0F, all<P>(0), all<P>(6)) * (1.0F / 6);
    if (activation == Activation::hard_sigmoid) return sixth;
    if (activation == Activation::hard_swish) return x * sixth;
    const Floats<P> sigmoid = 1.0F / (1.0F + exponential<P>(-x));
    return activation == Activation::silu ? x * sigmoid : sigmoid;
  }

  Activation activation;
  bool bent;
  float per_step;
  float zero;
  Floats<P> low;
  Floats<P> high;
};

}  // namespace
}  // namespace fer
