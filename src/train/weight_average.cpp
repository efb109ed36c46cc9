#include "fer/train/weight_average.hpp"

#include <ATen/ops/_foreach_lerp.h>

#include <algorithm>

namespace fer {
namespace {

/// What is averaged: every parameter and every buffer of floats, in a fixed order.
std::vector<at::Tensor> averaged_tensors(const Classifier& classifier) {
  std::vector<at::Tensor> tensors = classifier.parameters();
  for (const at::Tensor& buffer : classifier.buffers()) {
    if (buffer.is_floating_point()) tensors.push_back(buffer);
  }
  return tensors;
}

}  // namespace

WeightAverage::WeightAverage(std::shared_ptr<Classifier> average, const Classifier& live, double decay)
    : average_(std::move(average)),
      averaged_(averaged_tensors(*average_)),
      live_(averaged_tensors(live)),
      decay_(decay) {
  load_weights(*average_, weights_of(live), "the averaged weights");
}

void WeightAverage::update(std::int64_t step) {
  const at::NoGradGuard no_grad;
  const auto count = static_cast<double>(step);
  const double decay = std::min(decay_, (1 + count) / (10 + count));
  at::_foreach_lerp_(averaged_, live_, 1 - decay);
}

}  // namespace fer
