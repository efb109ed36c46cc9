#pragma once

#include <torch/nn/modules/conv.h>

namespace fer {

/// conv.forward(x). In mixed-precision training on a CPU the gradient of a strided depthwise convolution's
/// input is computed in float: oneDNN has no depthwise kernel for it in bfloat16 and takes five times as
/// long.
at::Tensor depthwise_conv(torch::nn::Conv2dImpl& conv, const at::Tensor& x);

}  // namespace fer
