#pragma once

#include <opencv2/core.hpp>

#include "ffmpeg.hpp"

namespace fer {

/// How a stored picture is turned to stand upright: transposed first, then mirrored.
/// Covers the eight turns and mirrorings by right angles; other angles take the nearest.
struct Orientation {
  bool transpose = false;
  bool flip_x = false;  ///< left and right change places
  bool flip_y = false;  ///< top and bottom change places

  int clockwise_degrees() const;
};

/// What the stream's display matrix asks for.
Orientation orientation_of(const AVStream& stream);

/// Turns decoded pictures into RGB of one size. Honours the colour matrix and range the stream states; where
/// it states none, BT.709 from 720 lines on and BT.601 below, as players do.
class UprightRgb {
 public:
  /// `size` of the results, upright.
  UprightRgb(cv::Size size, Orientation orientation) : size_(size), orientation_(orientation) {}

  cv::Mat convert(const AVFrame& picture);

 private:
  cv::Size size_;
  Orientation orientation_;
  FfmpegPtr<SwsContext> scaler_;
};

/// Shrinks decoded pictures to small grey ones, as they are stored.
class Thumbnails {
 public:
  cv::Mat make(const AVFrame& picture);

 private:
  FfmpegPtr<SwsContext> scaler_;
};

}  // namespace fer
