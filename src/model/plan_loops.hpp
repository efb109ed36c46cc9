#pragma once

#include <cstddef>

#include "convolve_loops.hpp"
#include "filter_loops.hpp"
#include "plan_vectors.hpp"

// The loops behind plan_kernels.hpp, written once. Each source file that includes them compiles them for
// instructions of its own, which is why all of this is local to it.

namespace fer {
namespace {

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
