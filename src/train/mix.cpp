#include "fer/train/mix.hpp"

#include <ATen/ops/_sample_dirichlet.h>
#include <ATen/ops/full.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randperm.h>

#include <algorithm>
#include <cmath>

namespace fer {
namespace {

double draw() { return at::rand({}, at::kDouble).item<double>(); }

/// Of Beta(alpha, alpha).
double draw_share(double alpha) {
  return at::_sample_dirichlet(at::full({2}, alpha, at::kDouble))[0].item<double>();
}

at::Tensor blend(const at::Tensor& own, const at::Tensor& other, double share) {
  return at::lerp(other, own, share);
}

MixedBatch mixup(const MixedBatch& batch, const at::Tensor& partners, double share) {
  return {.images = blend(batch.images, batch.images.index_select(0, partners), share),
          .targets = blend(batch.targets, batch.targets.index_select(0, partners), share)};
}

/// The rectangle covers 1 - share of the image about a random centre, less what would lie outside.
MixedBatch cutmix(const MixedBatch& batch, const at::Tensor& partners, double share) {
  const auto span_of = [&](std::int64_t side) {
    const double half = std::sqrt(1 - share) * static_cast<double>(side) / 2;
    const double centre = draw() * static_cast<double>(side);
    return std::pair(std::max<std::int64_t>(0, std::llround(centre - half)),
                     std::min(side, static_cast<std::int64_t>(std::llround(centre + half))));
  };
  const std::int64_t height = batch.images.size(2);
  const std::int64_t width = batch.images.size(3);
  const auto rows = span_of(height);
  const auto columns = span_of(width);
  at::Tensor images = batch.images.clone();
  const auto rectangle = [&](const at::Tensor& of) {
    return of.slice(2, rows.first, rows.second).slice(3, columns.first, columns.second);
  };
  rectangle(images).copy_(rectangle(batch.images.index_select(0, partners)));
  const double covered = static_cast<double>((rows.second - rows.first) * (columns.second - columns.first)) /
                         static_cast<double>(height * width);
  return {.images = images,
          .targets = blend(batch.targets, batch.targets.index_select(0, partners), 1 - covered)};
}

}  // namespace

bool mixes(const MixConfig& config) { return config.p > 0 && (config.mixup > 0 || config.cutmix > 0); }

MixedBatch mix(const MixConfig& config, const MixedBatch& batch) {
  if (!mixes(config) || draw() >= config.p) return batch;
  const at::Tensor partners =
      at::randperm(batch.images.size(0), at::kLong).to(batch.images.device(), /*non_blocking=*/true);
  const bool cut = config.cutmix > 0 && (config.mixup == 0 || draw() < 0.5);
  return cut ? cutmix(batch, partners, draw_share(config.cutmix))
             : mixup(batch, partners, draw_share(config.mixup));
}

}  // namespace fer
