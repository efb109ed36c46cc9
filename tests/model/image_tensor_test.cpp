#include "fer/model/image_tensor.hpp"

#include <ATen/ops/allclose.h>
#include <gmock/gmock.h>

#include <memory>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/model/device.hpp"

namespace fer {
namespace {

using Pixels = std::vector<std::uint8_t>;

const Preprocessing kSimple = {.size = 2, .mean = {0.0F, 0.2F, 0.4F}, .std = {1.0F, 0.5F, 0.2F}};

float at(const at::Tensor& images, at::IntArrayRef index) {
  at::Tensor value = images;
  for (const std::int64_t i : index) value = value[i];
  return value.item<float>();
}

TEST(ToTensor, NormalisesEveryPixelInPlace) {
  // Two crops; the second holds one pixel that is not black, at column 1 of row 0.
  Pixels pixels = {255, 51, 102, 0, 255, 0, 0, 0, 255, 51, 102, 153, 0, 0, 0, 204, 153, 51, 0, 0, 0, 0, 0, 0};
  const at::Tensor images = to_tensor(pixels, kSimple);
  ASSERT_EQ(images.sizes(), (std::vector<std::int64_t>{2, 3, 2, 2}));
  EXPECT_EQ(images.scalar_type(), at::kFloat);

  const std::vector<float> red = {1, 0, 0, 0.2F, 0, 0.8F, 0, 0};  // v / 255
  const std::vector<float> green = {0,     1.6F, -0.4F, 0.4F,
                                    -0.4F, 0.8F, -0.4F, -0.4F};   // (v / 255 - 0.2) / 0.5
  const std::vector<float> blue = {0, -2, 3, 1, -2, -1, -2, -2};  // (v / 255 - 0.4) / 0.2
  for (std::size_t i = 0; i < 8; ++i) {
    const auto n = static_cast<std::int64_t>(i / 4);
    const auto y = static_cast<std::int64_t>(i / 2 % 2);
    const auto x = static_cast<std::int64_t>(i % 2);
    EXPECT_NEAR(at(images, {n, 0, y, x}), red[i], 1e-5) << i;
    EXPECT_NEAR(at(images, {n, 1, y, x}), green[i], 1e-5) << i;
    EXPECT_NEAR(at(images, {n, 2, y, x}), blue[i], 1e-5) << i;
  }
}

TEST(ToTensor, NormalisesAsImagenetNetworksExpectByDefault) {
  const at::Tensor image = to_tensor(Pixels{255, 0, 128}, {.size = 1});
  EXPECT_NEAR(at(image, {0, 0, 0, 0}), 2.2489083, 1e-5);   // (1 - 0.485) / 0.229
  EXPECT_NEAR(at(image, {0, 1, 0, 0}), -2.0357143, 1e-5);  // (0 - 0.456) / 0.224
  EXPECT_NEAR(at(image, {0, 2, 0, 0}), 0.4264924, 1e-5);   // (128 / 255 - 0.406) / 0.225
}

TEST(ToTensor, IsChannelsLastAndOwnsItsMemory) {
  auto pixels = std::make_unique<Pixels>(24, std::uint8_t{255});
  const at::Tensor images = to_tensor(*pixels, kSimple);
  EXPECT_TRUE(images.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_FALSE(images.is_contiguous());
  pixels->assign(24, 0);
  pixels.reset();
  EXPECT_TRUE(images.select(1, 0).eq(1).all().item<bool>());
}

TEST(ToTensor, MakesTheSameOnAGpu) {
  const c10::Device device = select_device("auto");
  if (!device.is_cuda()) GTEST_SKIP() << "this machine has no CUDA device";
  Pixels pixels;
  for (int i = 0; i < 2 * 16 * 16 * 3; ++i) pixels.push_back(static_cast<std::uint8_t>(i * 7));
  const at::Tensor images = to_tensor(pixels, {.size = 16}, device);
  EXPECT_EQ(images.device(), device);
  EXPECT_TRUE(images.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(at::allclose(images.cpu(), to_tensor(pixels, {.size = 16}), 1e-6, 1e-6));
  EXPECT_EQ(to_tensor({}, kSimple, device).sizes(), (std::vector<std::int64_t>{0, 3, 2, 2}));
}

TEST(ToTensor, TakesNoCropsToo) {
  EXPECT_EQ(to_tensor({}, kSimple).sizes(), (std::vector<std::int64_t>{0, 3, 2, 2}));
}

TEST(ToTensor, RefusesPartsOfACrop) {
  EXPECT_THAT([] { to_tensor(Pixels(13), kSimple); },
              testing::ThrowsMessage<Error>("13 bytes are no whole number of 2x2 RGB crops"));
}

}  // namespace
}  // namespace fer
