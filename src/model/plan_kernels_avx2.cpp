#if defined(__x86_64__)

#include <algorithm>
#include <cstdint>
#include <limits>

#include "plan_kernel_tables.hpp"

#pragma GCC target("avx2,fma")
#include "plan_loops.hpp"

namespace fer {

FloatKernels avx2_kernels() { return float_kernels_of<Wide>(); }

}  // namespace fer

#endif
