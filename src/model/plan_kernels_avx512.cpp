#if defined(__x86_64__)

#include <algorithm>
#include <cstdint>
#include <limits>

#include "plan_kernel_tables.hpp"

#pragma GCC target("avx512f,fma")
#include "plan_loops.hpp"

namespace fer {

FloatKernels avx512_kernels() { return float_kernels_of<Widest>(); }

}  // namespace fer

#endif
