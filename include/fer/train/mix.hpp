#pragma once

#include <ATen/core/Tensor.h>

#include "fer/config/loss_config.hpp"

namespace fer {

/// Images [N,3,H,W] with their targets [N,C].
struct MixedBatch {
  at::Tensor images;
  at::Tensor targets;
};

/// Mixes each image of a batch with another one of it, and their targets in the same proportion: mixup (Zhang
/// et al. 2018) blends them, cutmix (Yun et al. 2019) puts in a rectangle. Where both are on, each has every
/// second mixed batch. Draws from torch's default generator on the CPU alone.
MixedBatch mix(const MixConfig& config, const MixedBatch& batch);

/// Whether mix() ever does anything.
bool mixes(const MixConfig& config);

}  // namespace fer
