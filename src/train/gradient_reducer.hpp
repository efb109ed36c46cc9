#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <vector>

#include "fer/train/process_group.hpp"

namespace fer {

/// Gives every rank the mean over the ranks of each parameter's gradient, in buckets that are exchanged while
/// the backward pass still computes those before them: the Reducer behind PyTorch's DistributedDataParallel
/// (Li et al. 2020).
class GradientReducer {
 public:
  /// All parameters get a gradient in each backward pass.
  GradientReducer(const std::vector<at::Tensor>& parameters, const ProcessGroup& group);
  ~GradientReducer();
  GradientReducer(const GradientReducer&) = delete;
  GradientReducer& operator=(const GradientReducer&) = delete;

  /// Runs `backward`; the gradients are the mean over the ranks when it returns, with what was added to them
  /// in earlier passes that were not reduced.
  void reduce(const std::function<void()>& backward);

 private:
  struct Impl;
  const ProcessGroup& group_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fer
