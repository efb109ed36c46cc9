#pragma once

#include <ATen/core/Tensor.h>

namespace fer::test {

inline double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a.detach().to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

}  // namespace fer::test
