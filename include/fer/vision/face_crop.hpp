#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <span>
#include <string>

#include "fer/vision/face_detector.hpp"

namespace fer {

/// What is done to an image between the camera and the network. Training, evaluation and video share it, and
/// it is stored in the checkpoint, so that inference crops exactly as training did.
struct Preprocessing {
  std::string detector = "haar";
  float min_face = 0.1F;  ///< smallest face, as a share of the image's shorter side
  float margin = 0.2F;    ///< added on each side of the square around the face, as a share of its side
  int size = 224;         ///< side of the crop in pixels
  bool grey = false;      ///< colour removed (three equal channels), for data where colour betrays the class
  std::array<float, 3> mean = {0.485F, 0.456F, 0.406F};  ///< RGB, of values 0..1
  std::array<float, 3> std = {0.229F, 0.224F, 0.225F};

  bool operator==(const Preprocessing&) const = default;
};

/// The square around the box's centre, as wide as its longer side plus the margin on each side.
cv::Rect2f crop_square(const cv::Rect2f& box, float margin);

/// The crop a network sees: RGB, 8 bits, size x size, continuous. Outside the image its edge is repeated.
/// Shrinking averages over areas, enlarging interpolates linearly.
cv::Mat face_crop(const cv::Mat& rgb, const cv::Rect2f& box, const Preprocessing& preprocessing);

/// The largest detection, or nothing.
std::optional<FaceDetection> largest_face(std::span<const FaceDetection> faces);

}  // namespace fer
