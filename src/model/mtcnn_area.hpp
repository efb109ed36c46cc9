#pragma once

#include <opencv2/core.hpp>

#include "map_layers.hpp"

namespace fer {

/// Rows of an RGB 8-bit image resized to `size` as PyTorch's adaptive average pooling does it, both ways: a
/// pixel is the mean of all pixels it touches. `out` begins with row `first_row` of the result and has as
/// many as its height; 3 channels of (value - 127.5) / 128.
void resize_by_area(const cv::Mat& rgb, cv::Size size, int first_row, const MapView& out);

}  // namespace fer
