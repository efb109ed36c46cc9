#include "fer/model/image_tensor.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include <array>
#include <cstring>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/vision/pixel_values.hpp"

namespace fer {
namespace {

/// Of rows [N,size,size,3] in page-locked memory, which a GPU fetches while the caller goes on.
at::Tensor normalised_on(c10::Device device, std::span<const std::uint8_t> pixels, at::IntArrayRef shape,
                         const Preprocessing& preprocessing) {
  const at::Tensor bytes = at::empty(shape, at::TensorOptions(at::kByte).pinned_memory(true));
  std::memcpy(bytes.mutable_data_ptr(), pixels.data(), pixels.size());
  const auto per_channel = [&](const std::array<float, 3>& values) {
    return (at::tensor(values) * 255).to(device, /*non_blocking=*/true);
  };
  const at::Tensor images = bytes.to(device, /*non_blocking=*/true).to(at::kFloat);
  return images.sub_(per_channel(preprocessing.mean)).div_(per_channel(preprocessing.std));
}

}  // namespace

at::Tensor to_tensor(std::span<const std::uint8_t> pixels, const Preprocessing& preprocessing,
                     c10::Device device) {
  const std::int64_t size = preprocessing.size;
  const std::int64_t bytes = size * size * 3;
  if (std::ssize(pixels) % bytes != 0) {
    throw failure("{} bytes are no whole number of {}x{} RGB crops", pixels.size(), size, size);
  }
  // Rows of RGB triples are what channels-last means.
  const std::array<std::int64_t, 4> shape = {std::ssize(pixels) / bytes, size, size, 3};
  if (!device.is_cpu()) return normalised_on(device, pixels, shape, preprocessing).permute({0, 3, 1, 2});
  const at::Tensor images = at::empty(shape, at::kFloat);
  const PixelValues values(preprocessing);
  auto* out = images.mutable_data_ptr<float>();
  for (std::size_t i = 0; i < pixels.size(); i += 3) {
    for (std::size_t c = 0; c < 3; ++c) out[i + c] = values(c, pixels[i + c]);
  }
  return images.permute({0, 3, 1, 2});
}

at::Tensor crops_to_tensor(std::span<const cv::Mat> crops, const Preprocessing& preprocessing) {
  std::vector<std::uint8_t> pixels;
  for (const cv::Mat& crop : crops) pixels.insert(pixels.end(), crop.data, crop.data + crop.total() * 3);
  return to_tensor(pixels, preprocessing);
}

}  // namespace fer
