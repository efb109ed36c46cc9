#pragma once

#include "plan_kernels.hpp"

namespace fer {

/// Whether this processor multiplies bytes and adds up the products at once (AVX-512 VNNI).
bool has_byte_kernels();

/// Convolutions of bytes: weights are -127..127, [groups][rows][packed_run / 4][kGroup][4] of
/// [groups][rows][run][kGroup], filled up with 0. `groups` is even. Sums are integers: the zero of `in` is
/// for the bias to make up for. Reads, and ignores, what lies below up to 31 pixels more than there are and
/// the values of a row up to packed_run().
void convolve(const ConvRow<Byte>& row);

/// Filters take channels in blocks of so many.
inline constexpr int kFilterChannels = 64;

/// A filter of bytes with a kernel of 3, where has_byte_kernels(). `packed` weights are -127..127,
/// [channels / kFilterChannels, rounded up][3][2][4][kGroup][4]: for each row of the kernel, its three
/// weights and a 0, then a 0 and the three; kGroup channels are 4v..4v+3 of each sixteen of the block, v
/// being the index before. Factors and biases, [blocks][4][kGroup], are in the same order. Sums are integers:
/// the zero of `in` is for the bias to make up for, beyond the edge, too. Channels are a multiple of 32.
void filter_by_dots(const FilterRows<Byte>& rows);

/// What convolve() does where has_tiles(), and elsewhere.
void convolve_in_tiles(const ConvRow<Byte>& row);
void convolve_by_dots(const ConvRow<Byte>& row);

}  // namespace fer
