#pragma once

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "mtcnn_networks.hpp"

// Made-up weights with the names and shapes of facenet-pytorch's.

namespace fer::test {

inline std::vector<std::pair<std::string, std::vector<std::int64_t>>> mtcnn_shapes(MtcnnPart part) {
  switch (part) {
    case MtcnnPart::pnet:
      return {{"conv1", {10, 3, 3, 3}},   {"prelu1", {10}},          {"conv2", {16, 10, 3, 3}},
              {"prelu2", {16}},           {"conv3", {32, 16, 3, 3}}, {"prelu3", {32}},
              {"conv4_1", {2, 32, 1, 1}}, {"conv4_2", {4, 32, 1, 1}}};
    case MtcnnPart::rnet:
      return {{"conv1", {28, 3, 3, 3}},  {"prelu1", {28}},      {"conv2", {48, 28, 3, 3}}, {"prelu2", {48}},
              {"conv3", {64, 48, 2, 2}}, {"prelu3", {64}},      {"dense4", {128, 576}},    {"prelu4", {128}},
              {"dense5_1", {2, 128}},    {"dense5_2", {4, 128}}};
    case MtcnnPart::onet:
      break;
  }
  return {{"conv1", {32, 3, 3, 3}},  {"prelu1", {32}},  {"conv2", {64, 32, 3, 3}},  {"prelu2", {64}},
          {"conv3", {64, 64, 3, 3}}, {"prelu3", {64}},  {"conv4", {128, 64, 2, 2}}, {"prelu4", {128}},
          {"dense5", {256, 1152}},   {"prelu5", {256}}, {"dense6_1", {2, 256}},     {"dense6_2", {4, 256}},
          {"dense6_3", {10, 256}}};
}

/// fill(name, tensor) gets each tensor full of zeros.
template <class Fill>
TensorMap mtcnn_weights(MtcnnPart part, const Fill& fill) {
  TensorMap weights;
  for (const auto& [layer, shape] : mtcnn_shapes(part)) {
    weights[layer + ".weight"] = at::zeros(shape);
    if (shape.size() > 1) weights[layer + ".bias"] = at::zeros({shape[0]});
  }
  for (auto& [name, tensor] : weights) fill(name, tensor);
  return weights;
}

/// Networks without a non-linearity but for pooling, that take the mean brightness -1..1 of what they see for
/// the sign of a face: its logit is 0 at 0.8. Shifts and landmarks are the same for every face.
inline TensorMap brightness_weights(MtcnnPart part, const std::vector<float>& shift = {0, 0, 0, 0},
                                    const std::vector<float>& landmarks = std::vector<float>(10)) {
  TensorMap weights = mtcnn_weights(part, [](const std::string& name, at::Tensor& tensor) {
    if (name.starts_with("prelu")) tensor.fill_(1);
  });
  const auto shapes = mtcnn_shapes(part);
  const auto set = [&](const std::string& name, const std::vector<float>& values) {
    for (std::size_t i = 0; i < values.size(); ++i)
      weights.at(name)[static_cast<std::int64_t>(i)] = values[i];
  };
  // The first channel of each layer is the mean of that of the layer before, of the first layer all colours'.
  const std::vector<std::string> last =
      part == MtcnnPart::pnet   ? std::vector<std::string>{"conv4_1", "conv4_2"}
      : part == MtcnnPart::rnet ? std::vector<std::string>{"dense5_1", "dense5_2"}
                                : std::vector<std::string>{"dense6_1", "dense6_2"};
  for (const auto& [name, shape] : shapes) {
    at::Tensor& weight = weights.at(name + ".weight");
    if (name == "conv1") {
      weight[0].fill_(1.0 / 27);
    } else if (name.starts_with("conv") && name.size() == 5) {
      weight[0][0].fill_(1.0 / static_cast<double>(shape[2] * shape[3]));
    } else if (name == "dense4" || name == "dense5") {
      const std::int64_t channels = shape[1] / 9;
      for (std::int64_t i = 0; i < 9; ++i) weight[0][i * channels] = 1.0 / 9;
    }
  }
  weights.at(last[0] + ".weight")[1][0] = 20;
  set(last[0] + ".bias", {0, -16});
  set(last[1] + ".bias", shift);
  if (part == MtcnnPart::onet) set("dense6_3.bias", landmarks);
  return weights;
}

}  // namespace fer::test
