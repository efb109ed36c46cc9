#pragma once

#include <cstdint>

namespace fer {

/// Rows of `channels` values each; of a channels-last image, its pixels.
struct Rows {
  std::int64_t count = 0;
  std::int64_t channels = 0;
};

/// Per channel.
struct Affine {
  const float* scale;
  const float* shift;
  float low;   ///< -infinity: no clamping
  float high;  ///< +infinity: no clamping
};

/// Per channel.
struct GradientFactors {
  const float* a;
  const float* b;
  const float* c;
};

/// The inner loops of norm_relu6() over a range of rows, for one thread. T is float or std::uint16_t, the
/// bits of a bfloat16. Vectorised for the processor at hand.
template <class T>
struct NormKernels {
  /// Adds sum(x - pivot) and sum((x - pivot)^2) per channel.
  void (*add_moments)(const T* x, Rows rows, const float* pivot, double* sum, double* squares);

  /// y = min(max(scale x + shift, low), high).
  void (*transform)(const T* x, Rows rows, const Affine& affine, T* y);

  /// With g = gradient where low < scale x + shift < high, else 0: adds sum(g) and sum(g (x - mean)).
  void (*add_gradient_moments)(const T* x, const T* gradient, Rows rows, const Affine& affine,
                               const float* mean, double* sum, double* products);

  /// dx = a g + b x + c, g as above.
  void (*input_gradient)(const T* x, const T* gradient, Rows rows, const Affine& affine,
                         const GradientFactors& factors, T* dx);
};

template <class T>
const NormKernels<T>& norm_kernels();

}  // namespace fer
