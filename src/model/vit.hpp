#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "fer/model/backbones.hpp"

namespace fer {

/// The side of an image patch in pixels.
inline constexpr int kVitPatch = 16;

/// What tells one Vision Transformer (Dosovitskiy et al. 2021) of 12 blocks from another.
struct VitSpec {
  std::string name;
  int width;  ///< numbers a token
  int heads;
};

/// For images of options.input_size, a multiple of kVitPatch. Parameters carry timm's names; image patches
/// are embedded by block 0, and the class token gives the features.
std::shared_ptr<Classifier> make_vit(const VitSpec& spec, const ClassifierOptions& options);

/// timm's name of a parameter by torchvision's (`encoder.layers.encoder_layer_3.ln_1.weight`); any other name
/// as it is.
std::string vit_parameter_name(std::string_view name);

/// Position embeddings [1, 1 + old * old, C], the class token's first, for a grid of `grid` x `grid` patches:
/// bicubic with anti-aliasing, as timm's resample_abs_pos_embed; the class token's stays. Unchanged where
/// they fit, or are no square.
at::Tensor resampled_positions(const at::Tensor& positions, std::int64_t grid);

}  // namespace fer
