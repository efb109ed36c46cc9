#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fer {

/// Pixel positions: left eye, right eye, nose tip, left and right mouth corner, as seen in the image.
using FaceLandmarks = std::array<cv::Point2f, 5>;

struct FaceDetection {
  cv::Rect2f box;   ///< pixels; may reach outside the image
  float score = 0;  ///< 0..1 where the detector gives a probability, else see its facts
  std::optional<FaceLandmarks> landmarks;
};

/// Finds faces. An instance serves one thread at a time.
class FaceDetector {
 public:
  virtual ~FaceDetector() = default;

  /// Faces of an RGB 8-bit image, largest first, equal ones from top to bottom; none is a normal answer.
  /// Any image size, 1x1 too.
  virtual std::vector<FaceDetection> detect(const cv::Mat& rgb) = 0;
};

struct FaceDetectorOptions {
  std::string name = "haar";    ///< a row of face_detectors()
  std::filesystem::path model;  ///< a file to use instead of the one found by itself
  float min_size = 0.1F;        ///< smallest face, as a share of the image's shorter side
};

/// A row of the table of detectors: help texts, error lists and documents come from it.
struct FaceDetectorKind {
  std::string name;
  std::string summary;
  std::function<std::unique_ptr<FaceDetector>(const FaceDetectorOptions&)> make;
};

/// `haar` and `none`, which takes the whole image for the face (data sets that are face crops already).
std::span<const FaceDetectorKind> face_detectors();

/// Throws a usage error that lists the names for an unknown one, a data error for a model file that is
/// missing.
std::unique_ptr<FaceDetector> make_face_detector(const FaceDetectorOptions& options);

}  // namespace fer
