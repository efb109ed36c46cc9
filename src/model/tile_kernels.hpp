#pragma once

#include "plan_kernels.hpp"

namespace fer {

/// Whether this processor multiplies matrices of bfloat16 and of bytes (AMX) and the system lets the process
/// do it, which it is asked for.
bool has_tiles();

/// Such a processor takes channels in whole groups of so many.
inline constexpr int kTileChannels = 32;

/// The way a ConvRow of bfloat16 has its weights: [groups][values / 2][kGroup][2] of
/// [groups][values][kGroup].
void pack_pairs(const float* weight, int groups, int values, Bf16* packed);

/// As for floats, where has_tiles(). `groups` is even. Weights are filled up with 0 to packed_run(). What
/// lies below up to 31 pixels more than there are is read and ignored; so are the values of a row up to
/// packed_run(), which must be numbers.
void convolve(const ConvRow<Bf16>& row);

}  // namespace fer
