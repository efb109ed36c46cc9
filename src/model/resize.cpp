#include "fer/model/resize.hpp"

#include <ATen/ops/_upsample_bilinear2d_aa.h>

namespace fer {

at::Tensor resized(const at::Tensor& images, std::int64_t size) {
  if (images.size(2) == size && images.size(3) == size) return images;
  return at::_upsample_bilinear2d_aa(images, {size, size}, /*align_corners=*/false)
      .contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace fer
