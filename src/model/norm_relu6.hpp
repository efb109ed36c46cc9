#pragma once

#include "batch_norm.hpp"

namespace fer {

/// Batch normalisation of x [N,C,H,W], then, if `relu6`, min(max(., 0), 6), as one operation: what
/// norm.forward() and relu6 give, with the same running statistics and gradients up to rounding. In training
/// on a CPU, channels-last, it goes over memory nine times where LibTorch's operators go fifteen times, and
/// keeps one tensor for the way back instead of three; elsewhere it calls those operators. Processes that
/// share the norm's statistics (share_norms()) do so here.
at::Tensor norm_relu6(BatchNormImpl& norm, const at::Tensor& x, bool relu6);

}  // namespace fer
