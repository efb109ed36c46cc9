#pragma once

#include "plan_kernels.hpp"

namespace fer {

/// A function for each kind of work, for maps of T.
template <class T>
struct MapKernels {
  void (*filter)(const FilterRows<T>&);
  void (*mean)(const Pixels<const T>&, int, int, float*);
  void (*multiply)(const Pixels<const T>&, const float*, const Pixels<T>&);
  void (*add)(const Pixels<const T>&, const Pixels<const T>&, Activation, const Pixels<T>&);
  void (*greatest)(const Pixels<const T>&, bool, T*);
};

/// Those for floats, which convolutions of other numbers have no use for.
struct FloatKernels {
  void (*convolve)(const ConvRow<float>&);
  MapKernels<float> maps;
};

/// For processors that have these instructions.
FloatKernels avx2_kernels();
FloatKernels avx512_kernels();
MapKernels<Bf16> tile_processor_kernels();
MapKernels<Byte> byte_kernels();

}  // namespace fer
