#pragma once

#include <ATen/core/ivalue.h>
#include <torch/nn/modules/batchnorm.h>

#include "fer/model/shared_norms.hpp"

namespace fer {

/// A SumFn that a backward pass can hold.
struct SharedSum final : torch::CustomClassHolder {
  explicit SharedSum(SumFn fn) : add_up(std::move(fn)) {}
  SumFn add_up;
};

/// LibTorch's BatchNorm2d, whose statistics several processes can share.
class BatchNormImpl : public torch::nn::BatchNorm2dImpl {
 public:
  using torch::nn::BatchNorm2dImpl::BatchNorm2dImpl;

  c10::intrusive_ptr<SharedSum> shared_sum;  ///< null: its own batch alone
};
TORCH_MODULE(BatchNorm);

/// Counts a batch that it learns from, and gives that batch's weight in the running statistics.
double count_batch(BatchNormImpl& norm);

/// Mean, variance and number of a batch's values, [C] of double, on their device.
struct BatchMoments {
  at::Tensor mean;
  at::Tensor variance;
  double count = 0;
};

/// Those of all processes' batches as one.
BatchMoments moments_of_all(const BatchMoments& own, const SharedSum& sum);

/// Batch normalisation in training mode over the batches of all processes, by LibTorch's operators, for any
/// type and device.
at::Tensor shared_batch_norm(BatchNormImpl& norm, const at::Tensor& x);

}  // namespace fer
