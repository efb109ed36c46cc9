#pragma once

#include <cstdint>
#include <opencv2/core.hpp>

#include "fer/core/random.hpp"

namespace fer::test {

/// An RGB picture of independent random pixels: no two places look alike.
inline cv::Mat noise_image(cv::Size size, std::uint64_t seed = 1) {
  cv::Mat image(size, CV_8UC3);
  Rng rng(seed);
  for (int y = 0; y < image.rows; ++y) {
    for (int i = 0; i < 3 * image.cols; ++i) {
      image.ptr<std::uint8_t>(y)[i] = static_cast<std::uint8_t>(rng.below(256));
    }
  }
  return image;
}

inline bool same_pixels(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() && cv::norm(a, b, cv::NORM_INF) == 0;
}

/// Of all values of two pictures of three channels, of 255.
inline double mean_difference(const cv::Mat& a, const cv::Mat& b) {
  return cv::norm(a, b, cv::NORM_L1) / static_cast<double>(a.total() * 3);
}

}  // namespace fer::test
