#pragma once

namespace fer {

/// From now on large tensors on the CPU lie in one range of addresses that the process keeps, in huge pages
/// where the system has them. A training step takes and gives back the same blocks again and again; through
/// malloc each of them comes as fresh pages that the kernel clears first, which costs as much as the
/// arithmetic, or the heap is torn into pieces of three times the memory. Process-wide and for good; where
/// the addresses cannot be had (a limit on the address space) everything stays as it was. Call once, before
/// the first tensor.
void keep_tensor_memory();

}  // namespace fer
