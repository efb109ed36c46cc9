#pragma once

#include <opencv2/core.hpp>

#include "fer/core/random.hpp"

namespace fer {

/// Random changes of a training crop. All zero: none.
struct AugmentOptions {
  double flip = 0;        ///< probability of mirroring left and right
  double shift = 0;       ///< largest shift along each axis, share of the side
  double scale = 0;       ///< largest relative change of size
  double rotate = 0;      ///< largest angle, degrees
  double brightness = 0;  ///< largest relative change
  double contrast = 0;    ///< largest relative change
  double colour = 0;      ///< largest relative change of saturation
  double blur = 0;        ///< probability of a Gaussian blur, sigma 0.5..1.5 px per 100 px of side
  double noise = 0;       ///< probability of Gaussian noise, sigma 2..12 of 255
  double erase = 0;  ///< probability of a rectangle of noise over 2..15 % of the area (Zhong et al. 2020)
};

/// A changed copy of an RGB 8-bit square crop; the same generator state gives the same picture.
cv::Mat augment(const cv::Mat& crop, const AugmentOptions& options, Rng& rng);

}  // namespace fer
