#pragma once

#include <ATen/core/Tensor.h>

namespace fer {

/// Images [N,C,H,W] at `size` pixels a side, bilinear, smoothed where they shrink; the images themselves
/// where they have that size.
at::Tensor resized(const at::Tensor& images, std::int64_t size);

}  // namespace fer
