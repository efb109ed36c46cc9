#include "fer/model/image_tensor.hpp"

#include <ATen/ops/empty.h>

#include <array>

#include "fer/core/error.hpp"

namespace fer {
namespace {

/// What each of a channel's bytes becomes.
using Values = std::array<float, 256>;

std::array<Values, 3> values_of(const Preprocessing& preprocessing) {
  std::array<Values, 3> values;
  for (std::size_t c = 0; c < values.size(); ++c) {
    for (std::size_t byte = 0; byte < values[c].size(); ++byte) {
      values[c][byte] =
          (static_cast<float>(byte) - preprocessing.mean[c] * 255) / (preprocessing.std[c] * 255);
    }
  }
  return values;
}

}  // namespace

at::Tensor to_tensor(std::span<const std::uint8_t> pixels, const Preprocessing& preprocessing) {
  const std::int64_t size = preprocessing.size;
  const std::int64_t bytes = size * size * 3;
  if (std::ssize(pixels) % bytes != 0) {
    throw failure("{} bytes are no whole number of {}x{} RGB crops", pixels.size(), size, size);
  }
  // Rows of RGB triples are what channels-last means.
  at::Tensor images = at::empty({std::ssize(pixels) / bytes, size, size, 3}, at::kFloat);
  const auto values = values_of(preprocessing);
  float* out = images.mutable_data_ptr<float>();
  for (std::size_t i = 0; i < pixels.size(); i += 3) {
    for (std::size_t c = 0; c < 3; ++c) out[i + c] = values[c][pixels[i + c]];
  }
  return images.permute({0, 3, 1, 2});
}

}  // namespace fer
