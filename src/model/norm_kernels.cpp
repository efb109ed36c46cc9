#include "norm_kernels.hpp"

#include <algorithm>
#include <bit>
#include <type_traits>
#include <vector>

namespace fer {
namespace {

// Every loop below is written once and compiled for several processors: always_inline puts it into the
// functions at the end of the file, each of which has its own instruction set.

[[gnu::always_inline]] inline float load(float value) { return value; }
[[gnu::always_inline]] inline float load(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

[[gnu::always_inline]] inline void store(float value, float& to) { to = value; }
/// Rounds to nearest, ties to even; what is no number stays none.
[[gnu::always_inline]] inline void store(float value, std::uint16_t& to) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
  to = static_cast<std::uint16_t>(value == value ? rounded : 0x7fc0U);
}

[[gnu::always_inline]] inline float clamp(float value, float low, float high) {
  const float raised = value < low ? low : value;
  return raised > high ? high : raised;
}

constexpr std::int64_t kMostChannels = 512;  // a strip of channels whose sums stay in the nearest cache
constexpr std::int64_t kRowsPerSum = 256;    // floats are summed so far, then doubles

/// Calls strip(first channel, number of channels) over all channels.
template <class Strip>
[[gnu::always_inline]] inline void each_strip(std::int64_t channels, const Strip& strip) {
  for (std::int64_t first = 0; first < channels; first += kMostChannels) {
    strip(first, std::min(kMostChannels, channels - first));
  }
}

template <class T>
[[gnu::always_inline]] inline void add_moments_of(const T* __restrict x, Rows rows,
                                                  const float* __restrict pivot, double* sum,
                                                  double* squares) {
  each_strip(
      rows.channels, [&](std::int64_t first, std::int64_t count) __attribute__((always_inline)) {
        for (std::int64_t begin = 0; begin < rows.count; begin += kRowsPerSum) {
          float s[kMostChannels] = {};
          float q[kMostChannels] = {};
          const std::int64_t end = std::min(rows.count, begin + kRowsPerSum);
          const float* __restrict p = pivot + first;
          for (std::int64_t row = begin; row < end; ++row) {
            const T* __restrict values = x + row * rows.channels + first;
            for (std::int64_t c = 0; c < count; ++c) {
              const float d = load(values[c]) - p[c];
              s[c] += d;
              q[c] += d * d;
            }
          }
          for (std::int64_t c = 0; c < count; ++c) {
            sum[first + c] += static_cast<double>(s[c]);
            squares[first + c] += static_cast<double>(q[c]);
          }
        }
      });
}

template <class T>
[[gnu::always_inline]] inline void transform_of(const T* __restrict x, Rows rows, const Affine& affine,
                                                T* __restrict y) {
  const float* __restrict scale = affine.scale;
  const float* __restrict shift = affine.shift;
  const float low = affine.low;
  const float high = affine.high;
  for (std::int64_t row = 0; row < rows.count; ++row) {
    const T* __restrict from = x + row * rows.channels;
    T* __restrict to = y + row * rows.channels;
    for (std::int64_t c = 0; c < rows.channels; ++c) {
      store(clamp(load(from[c]) * scale[c] + shift[c], low, high), to[c]);
    }
  }
}

/// The gradient where the clamp lets it pass.
[[gnu::always_inline]] inline float passed(float gradient, float y, float low, float high) {
  return y > low && y < high ? gradient : 0.0F;
}

template <class T>
[[gnu::always_inline]] inline void add_gradient_moments_of(const T* __restrict x,
                                                           const T* __restrict gradient, Rows rows,
                                                           const Affine& affine, const float* __restrict mean,
                                                           double* sum, double* products) {
  const float low = affine.low;
  const float high = affine.high;
  each_strip(
      rows.channels, [&](std::int64_t first, std::int64_t count) __attribute__((always_inline)) {
        const float* __restrict scale = affine.scale + first;
        const float* __restrict shift = affine.shift + first;
        const float* __restrict m = mean + first;
        for (std::int64_t begin = 0; begin < rows.count; begin += kRowsPerSum) {
          float s[kMostChannels] = {};
          float q[kMostChannels] = {};
          const std::int64_t end = std::min(rows.count, begin + kRowsPerSum);
          for (std::int64_t row = begin; row < end; ++row) {
            const T* __restrict values = x + row * rows.channels + first;
            const T* __restrict gradients = gradient + row * rows.channels + first;
            for (std::int64_t c = 0; c < count; ++c) {
              const float value = load(values[c]);
              const float g = passed(load(gradients[c]), value * scale[c] + shift[c], low, high);
              s[c] += g;
              q[c] += g * (value - m[c]);
            }
          }
          for (std::int64_t c = 0; c < count; ++c) {
            sum[first + c] += static_cast<double>(s[c]);
            products[first + c] += static_cast<double>(q[c]);
          }
        }
      });
}

template <class T>
[[gnu::always_inline]] inline void input_gradient_of(const T* __restrict x, const T* __restrict gradient,
                                                     Rows rows, const Affine& affine,
                                                     const GradientFactors& factors, T* __restrict dx) {
  const float* __restrict scale = affine.scale;
  const float* __restrict shift = affine.shift;
  const float* __restrict a = factors.a;
  const float* __restrict b = factors.b;
  const float* __restrict c0 = factors.c;
  const float low = affine.low;
  const float high = affine.high;
  for (std::int64_t row = 0; row < rows.count; ++row) {
    const T* __restrict values = x + row * rows.channels;
    const T* __restrict gradients = gradient + row * rows.channels;
    T* __restrict to = dx + row * rows.channels;
    for (std::int64_t c = 0; c < rows.channels; ++c) {
      const float value = load(values[c]);
      const float g = passed(load(gradients[c]), value * scale[c] + shift[c], low, high);
      store(a[c] * g + b[c] * value + c0[c], to[c]);
    }
  }
}

template <class T>
struct Portable {
  static void add_moments(const T* x, Rows rows, const float* pivot, double* sum, double* squares) {
    add_moments_of(x, rows, pivot, sum, squares);
  }
  static void transform(const T* x, Rows rows, const Affine& affine, T* y) {
    transform_of(x, rows, affine, y);
  }
  static void add_gradient_moments(const T* x, const T* gradient, Rows rows, const Affine& affine,
                                   const float* mean, double* sum, double* products) {
    add_gradient_moments_of(x, gradient, rows, affine, mean, sum, products);
  }
  static void input_gradient(const T* x, const T* gradient, Rows rows, const Affine& affine,
                             const GradientFactors& factors, T* dx) {
    input_gradient_of(x, gradient, rows, affine, factors, dx);
  }
};

#if defined(__x86_64__)

template <class T>
struct Avx2 {
  [[gnu::target("avx2,fma")]] static void add_moments(const T* x, Rows rows, const float* pivot, double* sum,
                                                      double* squares) {
    add_moments_of(x, rows, pivot, sum, squares);
  }
  [[gnu::target("avx2,fma")]] static void transform(const T* x, Rows rows, const Affine& affine, T* y) {
    transform_of(x, rows, affine, y);
  }
  [[gnu::target("avx2,fma")]] static void add_gradient_moments(const T* x, const T* gradient, Rows rows,
                                                               const Affine& affine, const float* mean,
                                                               double* sum, double* products) {
    add_gradient_moments_of(x, gradient, rows, affine, mean, sum, products);
  }
  [[gnu::target("avx2,fma")]] static void input_gradient(const T* x, const T* gradient, Rows rows,
                                                         const Affine& affine, const GradientFactors& factors,
                                                         T* dx) {
    input_gradient_of(x, gradient, rows, affine, factors, dx);
  }
};

#endif

template <class T, template <class> class Processor>
constexpr NormKernels<T> kernels_for() {
  return {.add_moments = &Processor<T>::add_moments,
          .transform = &Processor<T>::transform,
          .add_gradient_moments = &Processor<T>::add_gradient_moments,
          .input_gradient = &Processor<T>::input_gradient};
}

}  // namespace

template <class T>
const NormKernels<T>& norm_kernels() {
  static const NormKernels<T> kernels = [] {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return kernels_for<T, Avx2>();
#endif
    return kernels_for<T, Portable>();
  }();
  return kernels;
}

template const NormKernels<float>& norm_kernels<float>();
template const NormKernels<std::uint16_t>& norm_kernels<std::uint16_t>();

}  // namespace fer
