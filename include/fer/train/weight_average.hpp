#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "fer/model/classifier.hpp"

namespace fer {

/// An exponential moving average of a classifier's weights and BatchNorm statistics (Polyak & Juditsky 1992),
/// with a shorter memory in the first steps: decay = min(decay, (1 + step) / (10 + step)).
class WeightAverage {
 public:
  /// Starts at the weights of `live`, whose tensors it keeps. `average` is a classifier of the same kind,
  /// which becomes the average.
  WeightAverage(std::shared_ptr<Classifier> average, const Classifier& live, double decay);

  /// `step` counts the updates so far, from 0.
  void update(std::int64_t step);

  Classifier& classifier() { return *average_; }
  const Classifier& classifier() const { return *average_; }

 private:
  std::shared_ptr<Classifier> average_;
  std::vector<at::Tensor> averaged_;  // in step with live_
  std::vector<at::Tensor> live_;
  double decay_;
};

}  // namespace fer
