#include "fer/model/activation.hpp"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/hardsigmoid.h>
#include <ATen/ops/hardswish.h>
#include <ATen/ops/hardtanh.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>

namespace fer {

at::Tensor activated(Activation activation, at::Tensor x) {
  const bool keep = at::GradMode::is_enabled();  // the way back needs it
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return at::relu_(x);
    case Activation::relu6:
      return at::hardtanh_(x, 0, 6);
    case Activation::silu:
      return keep ? at::silu(x) : at::silu_(x);
    case Activation::hard_swish:
      return keep ? at::hardswish(x) : at::hardswish_(x);
    case Activation::sigmoid:
      return at::sigmoid(x);
    case Activation::hard_sigmoid:
      return at::hardsigmoid(x);
    case Activation::gelu:
      return at::gelu(x);
  }
  return x;
}

}  // namespace fer
