#pragma once

#include <ATen/core/Tensor.h>

namespace fer {

/// Nonlinearities, as PyTorch defines them; gelu by the error function.
enum class Activation { none, relu, relu6, silu, hard_swish, sigmoid, hard_sigmoid, gelu };

/// The activation of each value. Without gradients, and for ReLU and ReLU6 always, `x` itself may be changed.
at::Tensor activated(Activation activation, at::Tensor x);

}  // namespace fer
