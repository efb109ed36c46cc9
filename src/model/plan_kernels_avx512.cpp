#if defined(__x86_64__)

#include <algorithm>
#include <cstdint>
#include <limits>

#include "plan_kernel_tables.hpp"

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,fma")
#endif
#include "plan_loops.hpp"

namespace fer {

FloatKernels avx512_kernels() { return float_kernels_of<Widest>(); }

}  // namespace fer

#ifdef __clang__
#pragma clang attribute pop
#endif

#endif
