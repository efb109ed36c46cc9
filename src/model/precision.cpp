#include "fer/model/precision.hpp"

#include <ATen/autocast_mode.h>
#include <ATen/ops/rand.h>

#include <algorithm>
#include <chrono>
#include <limits>

namespace fer {
namespace {

/// Seconds of the faster of two training steps, after one to warm up.
double step_seconds(Classifier& classifier, const at::Tensor& images, bool bf16) {
  using Clock = std::chrono::steady_clock;
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < 3; ++i) {
    const auto started = Clock::now();
    at::Tensor loss;
    {
      const AutocastScope autocast(images.device(), bf16);
      loss = classifier.forward(images).to(at::kFloat).square().mean();
    }
    loss.backward();
    for (const at::Tensor& parameter : classifier.parameters()) parameter.mutable_grad().reset();
    static_cast<void>(loss.item<float>());  // waits for the device
    if (i > 0) best = std::min(best, std::chrono::duration<double>(Clock::now() - started).count());
  }
  return best;
}

}  // namespace

AutocastScope::AutocastScope(c10::Device device, bool enabled) : device_(device.type()), enabled_(enabled) {
  if (!enabled_) return;
  at::autocast::increment_nesting();
  at::autocast::set_autocast_enabled(device_, true);
  at::autocast::set_autocast_dtype(device_, at::kBFloat16);
}

AutocastScope::~AutocastScope() {
  if (!enabled_) return;
  at::autocast::set_autocast_enabled(device_, false);
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
}

bool bf16_trains_faster(const ClassifierOptions& options, c10::Device device, int batch, int size) {
  const auto classifier = make_classifier(options);
  classifier->to(device);
  classifier->train();
  const at::Tensor images = at::rand({batch, 3, size, size}, at::TensorOptions(at::kFloat).device(device))
                                .contiguous(at::MemoryFormat::ChannelsLast);
  const double fp32 = step_seconds(*classifier, images, false);
  return step_seconds(*classifier, images, true) * 1.1 < fp32;
}

}  // namespace fer
