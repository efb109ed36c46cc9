#pragma once

#include <cstddef>
#include <vector>

#include "fer/model/tensor_file.hpp"
#include "learner.hpp"

namespace fer {

/// What the batches of an epoch gave so far, "loss" and "correct", each process of a group having the sums
/// over its own slices.
class EpochFigures {
 public:
  explicit EpochFigures(const ProcessGroup& group) : group_(group) {}

  void begin_epoch() { sums_.clear(); }

  /// `samples` of the whole batch, positions in the training part. Throws Diverged as check() does.
  void add(const BatchFigures& figures, const std::vector<std::size_t>& samples);

  /// Throws Diverged, in every process, if the loss of a batch since the last check is not finite.
  void check();

  /// What has not been checked never will be.
  void forget_unchecked() { unchecked_.clear(); }

  /// The sums over all processes.
  TensorMap totals() const;

  void go_on_from(const TensorMap& totals);

 private:
  struct Unchecked {
    at::Tensor loss;
    std::vector<std::size_t> samples;
  };

  const ProcessGroup& group_;
  TensorMap sums_;
  std::vector<Unchecked> unchecked_;
};

}  // namespace fer
