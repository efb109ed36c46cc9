#include "plan_kernels.hpp"

#include <bit>

#include "plan_kernel_tables.hpp"
#include "plan_loops.hpp"

namespace fer {
namespace {

FloatKernels chosen_for_floats() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return avx512_kernels();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2_kernels();
#endif
  return float_kernels_of<Baseline>();
}

const FloatKernels& float_kernels() {
  static const FloatKernels found = chosen_for_floats();
  return found;
}

MapKernels<float> chosen(float) { return float_kernels().maps; }

MapKernels<Bf16> chosen(Bf16) { return tile_processor_kernels(); }

MapKernels<Byte> chosen(Byte) { return byte_kernels(); }

template <class T>
const MapKernels<T>& kernels() {
  static const MapKernels<T> found = chosen(T());
  return found;
}

}  // namespace

void convolve(const ConvRow<float>& row) { float_kernels().convolve(row); }

template <class T>
void filter(const FilterRows<T>& rows) {
  kernels<T>().filter(rows);
}
template <class T>
void mean(const Pixels<const T>& pixels, int first, int last, float* out) {
  kernels<T>().mean(pixels, first, last, out);
}
template <class T>
void multiply(const Pixels<const T>& pixels, const float* factors, const Pixels<T>& out) {
  kernels<T>().multiply(pixels, factors, out);
}
template <class T>
void add(const Pixels<const T>& a, const Pixels<const T>& b, Activation activation, const Pixels<T>& out) {
  kernels<T>().add(a, b, activation, out);
}

template <class T>
void greatest(const Pixels<const T>& pixels, bool first, T* out) {
  kernels<T>().greatest(pixels, first, out);
}

template void filter(const FilterRows<float>&);
template void mean(const Pixels<const float>&, int, int, float*);
template void multiply(const Pixels<const float>&, const float*, const Pixels<float>&);
template void add(const Pixels<const float>&, const Pixels<const float>&, Activation, const Pixels<float>&);
template void greatest(const Pixels<const float>&, bool, float*);

template void filter(const FilterRows<Bf16>&);
template void mean(const Pixels<const Bf16>&, int, int, float*);
template void multiply(const Pixels<const Bf16>&, const float*, const Pixels<Bf16>&);
template void add(const Pixels<const Bf16>&, const Pixels<const Bf16>&, Activation, const Pixels<Bf16>&);
template void greatest(const Pixels<const Bf16>&, bool, Bf16*);

template void filter(const FilterRows<Byte>&);
template void mean(const Pixels<const Byte>&, int, int, float*);
template void multiply(const Pixels<const Byte>&, const float*, const Pixels<Byte>&);
template void add(const Pixels<const Byte>&, const Pixels<const Byte>&, Activation, const Pixels<Byte>&);
template void greatest(const Pixels<const Byte>&, bool, Byte*);

Bf16 to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<Bf16>((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16);
}

}  // namespace fer
