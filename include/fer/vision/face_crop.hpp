#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fer/vision/face_detector.hpp"

namespace fer {

/// Which of an image's faces count.
enum class FaceTarget { largest, center, all };

/// "largest", "center" or "all".
std::string_view name_of(FaceTarget target);

/// The target of that name; throws a usage error that lists the names for any other.
FaceTarget face_target(std::string_view name);

/// What is done to an image between the camera and the network. Training, evaluation and video share it, and
/// it is stored in the checkpoint, so that inference crops exactly as training did.
struct Preprocessing {
  std::string detector = "haar";
  float min_face = 0.1F;  ///< smallest face, as a share of the image's shorter side
  float min_score = 0;    ///< of a detection; 0: the detector's own
  FaceTarget target = FaceTarget::largest;
  bool align = false;   ///< turn, shift and scale by the landmarks, where the detection has them
  bool square = true;   ///< the square around the box; else the box itself, stretched to the crop
  float margin = 0.2F;  ///< added on each side, as a share of the side
  int size = 224;       ///< side of the crop in pixels
  bool grey = false;    ///< colour removed (three equal channels), for data where colour betrays the class
  std::array<float, 3> mean = {0.485F, 0.456F, 0.406F};  ///< RGB, of values 0..1
  std::array<float, 3> std = {0.229F, 0.224F, 0.225F};

  bool operator==(const Preprocessing&) const = default;
};

/// The detector's options as the preprocessing has them.
FaceDetectorOptions detector_options(const Preprocessing& preprocessing);

/// Positions of the faces that count, ascending; `center`: the one whose box's middle is nearest to the
/// image's.
std::vector<std::size_t> choose_faces(std::span<const FaceDetection> faces, cv::Size image,
                                      FaceTarget target);

/// The rectangle a crop without alignment is cut from: margins added to the box, or to the square around it.
cv::Rect2f crop_rectangle(const cv::Rect2f& box, const Preprocessing& preprocessing);

/// The similarity transform (2x3, double, image to crop, both measured from the edge) that brings a face's
/// landmarks nearest to where the ArcFace template (Deng et al. 2019) has them: least squares after Umeyama
/// 1991, without reflection. Margin 0 is the template's own frame. Two landmarks are the eyes. Empty where
/// there are fewer, or all lie on one spot.
cv::Mat alignment(std::span<const cv::Point2f> landmarks, const Preprocessing& preprocessing);

/// The crop a network sees: RGB, 8 bits, size x size, continuous. Outside the image its edge is repeated.
/// Shrinking averages over areas, enlarging interpolates linearly.
cv::Mat face_crop(const cv::Mat& rgb, const FaceDetection& face, const Preprocessing& preprocessing);

}  // namespace fer
