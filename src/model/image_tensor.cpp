#include "fer/model/image_tensor.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include "fer/core/error.hpp"

namespace fer {
namespace {

/// [1,3,1,1], of values 0..255.
at::Tensor per_channel(std::array<float, 3> values) {
  for (float& value : values) value *= 255;
  return at::from_blob(values.data(), {1, 3, 1, 1}, at::kFloat).clone();
}

}  // namespace

at::Tensor to_tensor(std::span<const std::uint8_t> pixels, const Preprocessing& preprocessing) {
  const std::int64_t size = preprocessing.size;
  const std::int64_t bytes = size * size * 3;
  if (std::ssize(pixels) % bytes != 0) {
    throw failure("{} bytes are no whole number of {}x{} RGB crops", pixels.size(), size, size);
  }
  // Rows of RGB triples are what channels-last means, so the permuted view costs nothing and the copy below
  // is linear.
  const at::Tensor view = at::from_blob(const_cast<std::uint8_t*>(pixels.data()),
                                        {std::ssize(pixels) / bytes, size, size, 3}, at::kByte)
                              .permute({0, 3, 1, 2});
  at::Tensor images = view.to(at::kFloat);
  return images.sub_(per_channel(preprocessing.mean)).div_(per_channel(preprocessing.std));
}

}  // namespace fer
