#include "fer/model/precision.hpp"

#include <ATen/autocast_mode.h>
#include <ATen/ops/rand.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "fer/model/classifier.hpp"

namespace fer {
namespace {

constexpr int kSteps = 3;

/// Seconds of the fastest training step, after one to warm up.
double step_seconds(Classifier& classifier, const at::Tensor& images, bool bf16, const ProgressFn& progress) {
  using Clock = std::chrono::steady_clock;
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kSteps; ++i) {
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
    if (progress) progress(static_cast<std::size_t>(i) + 1, kSteps);
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

bool bf16_trains_faster(const ClassifierOptions& options, c10::Device device, int batch, int size,
                        const ProgressFn& progress) {
  const auto classifier = make_classifier(options);
  classifier->to(device);
  classifier->train();
  const at::Tensor images = at::rand({batch, 3, size, size}, at::TensorOptions(at::kFloat).device(device))
                                .contiguous(at::MemoryFormat::ChannelsLast);
  const double fp32 = step_seconds(*classifier, images, false, part_of(progress, 0, 2 * kSteps));
  return step_seconds(*classifier, images, true, part_of(progress, kSteps, 2 * kSteps)) * 1.1 < fp32;
}

}  // namespace fer
