#include "teachers.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/precision.hpp"
#include "fer/model/resize.hpp"

namespace fer {
namespace {

at::Tensor per_channel(const std::array<float, 3>& values, c10::Device device) {
  return at::tensor(values).view({1, 3, 1, 1}).to(device);
}

/// [N,3,H,W] to [N,1,H,W], weighted as face_crop() does.
at::Tensor grey_of(const at::Tensor& pixels) {
  return (pixels * per_channel({0.299F, 0.587F, 0.114F}, pixels.device())).sum(1, /*keepdim=*/true);
}

}  // namespace

Teachers::Normalisation Teachers::normalisation_of(const Preprocessing& preprocessing, c10::Device device) {
  return {.mean = per_channel(preprocessing.mean, device), .std = per_channel(preprocessing.std, device)};
}

Teachers::Teachers(const DistillConfig& config, const ClassList& classes, const Preprocessing& student,
                   c10::Device device)
    : temperature_(config.temperature), student_(normalisation_of(student, device)) {
  for (const std::string& path : config.teachers) {
    const Checkpoint checkpoint = load_checkpoint(path);
    const CheckpointInfo& info = checkpoint.info;
    if (!(info.classes == classes)) {
      throw data_error("{}: a teacher for {}, where the classes are {}", path,
                       join(info.classes.names(), ", "), join(classes.names(), ", "));
    }
    teachers_.push_back({.layers = layers_on(layers_of(checkpoint, path), device, at::kFloat),
                         .size = info.preprocessing.size,
                         .grey = info.preprocessing.grey,
                         .normalisation = normalisation_of(info.preprocessing, device)});
  }
}

at::Tensor Teachers::images_for(const Teacher& teacher, const at::Tensor& images) const {
  const at::Tensor pixels = resized(images, teacher.size) * student_.std + student_.mean;
  const auto& [mean, std] = teacher.normalisation;
  return (((teacher.grey ? grey_of(pixels) : pixels) - mean) / std)
      .contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor Teachers::answers(const at::Tensor& images, bool bf16) const {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> answers;
  for (const Teacher& teacher : teachers_) {
    const at::Tensor own = images_for(teacher, images);
    const AutocastScope autocast(images.device(), bf16);
    answers.push_back(at::softmax(run_layers(teacher.layers, own).to(at::kFloat) / temperature_, 1));
  }
  return at::stack(answers).mean(0);
}

at::Tensor Teachers::loss(const at::Tensor& logits, const at::Tensor& answers) const {
  const at::Tensor log_p = at::log_softmax(logits.to(at::kFloat) / temperature_, 1);
  return -(answers * log_p).sum(1).mean() * (temperature_ * temperature_);
}

}  // namespace fer
