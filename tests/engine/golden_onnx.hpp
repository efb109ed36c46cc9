#pragma once

#include <cstdint>
#include <filesystem>
#include <opencv2/core.hpp>

#include "support/golden.hpp"

namespace fer::test {

inline const std::filesystem::path kOnnxFiles = FER_SOURCE_DIR "/tests/golden/onnx";

/// The picture of make_onnx.py.
inline cv::Mat golden_picture() {
  cv::Mat rgb(16, 16, CV_8UC3);
  const auto byte = [](int value) { return static_cast<std::uint8_t>(value); };
  for (int y = 0; y < rgb.rows; ++y) {
    for (int x = 0; x < rgb.cols; ++x)
      rgb.at<cv::Vec3b>(y, x) = {byte(7 * x + 3 * y), byte(13 * y), byte(255 - 11 * x)};
  }
  return rgb;
}

}  // namespace fer::test
