#pragma once

#include <opencv2/core.hpp>

#include "fer/core/random.hpp"

namespace fer {

/// One random change: with probability `p`, by an amount drawn evenly from -max..max, or 0..max where only
/// one direction makes sense.
struct Change {
  double p = 0;
  double max = 0;
};

/// Random changes of a training crop, made in this order. Nothing set: the crop as it is.
struct AugmentOptions {
  double flip = 0;     ///< probability of mirroring left and right
  Change shift = {};   ///< along each axis, share of the side
  Change scale = {};   ///< relative change of size
  Change rotate = {};  ///< degrees
  Change crop_jitter =
      {};  ///< of each edge of the crop on its own, share of the side: a detector's inaccuracy
  Change perspective = {};     ///< of each corner on its own, share of the side
  Change brightness = {};      ///< relative change
  Change contrast = {};        ///< relative change, about mid-grey
  Change colour = {};          ///< relative change of saturation
  Change light = {};           ///< uneven lighting: relative change of brightness from one side to the other
  double grey = 0;             ///< probability of taking the colour away
  Change blur = {};            ///< Gaussian, sigma in percent of the side, 0..max
  Change noise = {};           ///< Gaussian, sigma in grey levels of 255, 0..max
  Change low_resolution = {};  ///< share of the resolution lost by scaling down and up again, 0..max
  Change jpeg = {};            ///< JPEG artefacts at quality 100 - amount, 0..max
  Change erase = {};           ///< a rectangle of noise, share of the area, 0..max (Zhong et al. 2020)
};

/// A changed copy of an RGB 8-bit square crop; the same generator state gives the same picture.
cv::Mat augment(const cv::Mat& crop, const AugmentOptions& options, Rng& rng);

}  // namespace fer
