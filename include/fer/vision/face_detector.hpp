#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fer {

/// A face as a detector found it.
struct FaceDetection {
  cv::Rect2f box;   ///< pixels; may reach outside the image
  float score = 0;  ///< 0..1: higher is surer; comparable within one detector only
  /// Pixels, left and right as seen in the image: left eye, right eye, nose tip, then the left and right
  /// corner of the mouth (5 points) or its centre (4); none where the detector gives no landmarks.
  std::vector<cv::Point2f> landmarks = {};
};

/// What there is to know about a detector before using it.
struct FaceDetectorFacts {
  std::string name = {};
  std::string summary = {};
  int landmarks = 0;             ///< points it gives: 5, 4 or 0
  bool wants_colour = false;     ///< grey pictures cost it faces
  std::string model_files = {};  ///< their name in model_files(); empty: it needs none
  float default_min_score = 0;   ///< detections below are no faces, unless the options say otherwise
  bool weak_are_apart = false;   ///< a lower least score adds detections and leaves the others as they are
};

/// Finds faces. An instance serves one thread at a time.
class FaceDetector {
 public:
  virtual ~FaceDetector() = default;

  /// As in the table of detectors.
  virtual std::string_view name() const = 0;

  /// Faces of an RGB 8-bit image, largest first, equal ones from top to bottom; none is a normal answer.
  /// Any image size, 1x1 too.
  virtual std::vector<FaceDetection> detect(const cv::Mat& rgb) = 0;

  /// The same for several images at once; where they have one size, a network may go through all together.
  virtual std::vector<std::vector<FaceDetection>> detect_batch(std::span<const cv::Mat> images);
};

/// What a detector is made with.
struct FaceDetectorOptions {
  std::filesystem::path models_folder = {};  ///< looked through for model files before the usual places
  std::filesystem::path cascade = {};        ///< of `haar`, instead of the one OpenCV brings
  float min_size =
      0.1F;             ///< smallest face: the longer side of its box as a share of the image's shorter side
  float min_score = 0;  ///< 0: the detector's own
};

/// A row of the table of detectors, face_detectors() of `model`.
struct FaceDetectorKind {
  FaceDetectorFacts facts;
  std::function<std::unique_ptr<FaceDetector>(const FaceDetectorOptions&)> make;
};

/// The row of that name in a table of detectors; throws a usage error that lists the names for an unknown
/// one.
const FaceDetectorKind& find_detector(std::span<const FaceDetectorKind> table, std::string_view name);

/// Makes a detector anew, as each thread needs one of its own.
using FaceDetectorFactory = std::function<std::unique_ptr<FaceDetector>()>;

/// The last step of every detector: boxes smaller than `min_size` go, the rest come in the promised order.
std::vector<FaceDetection> without_small_faces(std::vector<FaceDetection> faces, cv::Size image,
                                               float min_size);

/// The file of that name in model_files(). Throws a data error that says how to get it.
std::filesystem::path require_detector_file(std::string_view name, const FaceDetectorOptions& options);

/// Viola & Jones 2001 as OpenCV ships it, for frontal faces. The score is n / (n + 5) for n overlapping hits:
/// an order, no probability. Making one throws a data error if the cascade cannot be found or read.
const FaceDetectorKind& haar_detector();

/// Takes the whole image for the face, for data sets that are face crops already.
const FaceDetectorKind& whole_image_detector();

}  // namespace fer
