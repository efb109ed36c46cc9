#include "fer/model/resize.hpp"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/remainder.h>
#include <gmock/gmock.h>

namespace fer {
namespace {

TEST(Resized, LeavesImagesOfThatSizeAsTheyAre) {
  const at::Tensor images = at::rand({2, 3, 8, 8});
  EXPECT_TRUE(resized(images, 8).is_same(images));
}

TEST(Resized, SmoothsStripesThatNoLongerFit) {
  const at::Tensor stripes =
      at::remainder(at::arange(64, at::kFloat), 2).view({1, 1, 1, 64}).expand({1, 3, 64, 64});
  const at::Tensor small = resized(stripes.contiguous(), 16);
  ASSERT_EQ(small.sizes(), (std::vector<std::int64_t>{1, 3, 16, 16}));
  EXPECT_LT((small.narrow(3, 2, 12) - 0.5).abs().max().item<double>(), 0.02);
}

}  // namespace
}  // namespace fer
