#include "fer/train/mix.hpp"

#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/eye.h>
#include <gmock/gmock.h>
#include <torch/utils.h>

namespace fer {
namespace {

/// Four images of 8x8, each all of its own number, each of its own class.
MixedBatch four() {
  const at::Tensor numbers = at::arange(4, at::kFloat).reshape({4, 1, 1, 1});
  return {.images = numbers.expand({4, 3, 8, 8}).contiguous(), .targets = at::eye(4)};
}

MixedBatch mixed(const MixConfig& config, std::uint64_t seed) {
  torch::manual_seed(seed);
  return mix(config, four());
}

TEST(Mix, OffChangesNothing) {
  for (const MixConfig& config : {MixConfig{}, MixConfig{.p = 0, .mixup = 1, .cutmix = 1}}) {
    EXPECT_FALSE(mixes(config));
    EXPECT_TRUE(at::equal(mixed(config, 1).images, four().images));
    EXPECT_TRUE(at::equal(mixed(config, 1).targets, four().targets));
  }
}

/// The number of an image is the mean of its classes' numbers, as its classes' shares say.
void expect_targets_to_tell_the_images(const MixedBatch& batch) {
  const at::Tensor numbers = batch.targets.mv(at::arange(4, at::kFloat));
  EXPECT_TRUE(batch.images.mean({1, 2, 3}).sub(numbers).abs().max().item<float>() < 1e-5);
  EXPECT_TRUE(batch.targets.sum(1).sub(1).abs().max().item<float>() < 1e-6);
}

TEST(Mix, MixupBlendsImagesAndTargetsAlike) {
  bool blended = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const MixedBatch batch = mixed({.mixup = 1}, seed);
    expect_targets_to_tell_the_images(batch);
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ(batch.images[i].min().item<float>(), batch.images[i].max().item<float>());
    blended = blended || !at::equal(batch.targets, four().targets);
  }
  EXPECT_TRUE(blended);
}

TEST(Mix, CutmixPutsInARectangleAndCountsItsArea) {
  bool cut = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const MixedBatch batch = mixed({.cutmix = 1}, seed);
    expect_targets_to_tell_the_images(batch);
    for (int i = 0; i < 4; ++i) {
      const at::Tensor own = batch.images[i].eq(static_cast<float>(i));
      cut = cut || (own.any().item<bool>() && !own.all().item<bool>());
      EXPECT_TRUE(at::equal(batch.images[i][0], batch.images[i][2]));
    }
  }
  EXPECT_TRUE(cut);
}

TEST(Mix, SmallAlphasHardlyMixAndLargeOnesHalve) {
  const auto mean_share = [](double alpha) {
    double sum = 0;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      sum += mixed({.mixup = alpha}, seed).targets.amax(1).mean().item<double>();
    }
    return sum / 200;
  };
  EXPECT_GT(mean_share(0.05), 0.93);
  EXPECT_LT(mean_share(10), 0.72);
}

TEST(Mix, HappensAsOftenAsItShall) {
  int happened = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    happened += !at::equal(mixed({.p = 0.5, .mixup = 10}, seed).images, four().images);
  }
  EXPECT_NEAR(happened, 100, 25);  // a random partner may be oneself
}

TEST(Mix, DrawsTheSameFromTheSameSeed) {
  for (const MixConfig& config :
       {MixConfig{.mixup = 0.4}, MixConfig{.cutmix = 1}, MixConfig{.mixup = 1, .cutmix = 1}}) {
    EXPECT_TRUE(at::equal(mixed(config, 9).images, mixed(config, 9).images));
  }
}

}  // namespace
}  // namespace fer
