#pragma once

#include <algorithm>
#include <cstdint>
#include <opencv2/core.hpp>

#include "fer/vision/augment.hpp"

namespace fer::test {

inline cv::Mat augmented(const cv::Mat& crop, const AugmentOptions& options, std::uint64_t seed = 1) {
  Rng rng(seed);
  return augment(crop, options, rng);
}

inline cv::Mat plain(double value, int side = 64) { return {side, side, CV_8UC3, cv::Scalar::all(value)}; }

/// Options that make one change, always.
inline AugmentOptions with(Change AugmentOptions::*change, double max) {
  AugmentOptions options;
  options.*change = {.p = 1, .max = max};
  return options;
}
inline AugmentOptions with(double AugmentOptions::*chance) {
  AugmentOptions options;
  options.*chance = 1;
  return options;
}

/// The smallest and the largest of what was seen.
struct Range {
  double least = 1e9;
  double most = -1e9;

  void add(double value) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
};

}  // namespace fer::test
