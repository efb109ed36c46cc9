#include "fer/vision/pixel_values.hpp"

namespace fer {

PixelValues::PixelValues(const Preprocessing& preprocessing) {
  for (std::size_t c = 0; c < values_.size(); ++c) {
    for (std::size_t byte = 0; byte < values_[c].size(); ++byte) {
      values_[c][byte] =
          (static_cast<float>(byte) - preprocessing.mean[c] * 255) / (preprocessing.std[c] * 255);
    }
  }
}

}  // namespace fer
