#include "fer/vision/face_detector.hpp"

#include <algorithm>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "haar_detector.hpp"

namespace fer {
namespace {

class WholeImageDetector final : public FaceDetector {
 public:
  std::vector<FaceDetection> detect(const cv::Mat& rgb) override {
    return {{.box = {0, 0, static_cast<float>(rgb.cols), static_cast<float>(rgb.rows)},
             .score = 1,
             .landmarks = {}}};
  }
};

}  // namespace

std::span<const FaceDetectorKind> face_detectors() {
  static const std::array<FaceDetectorKind, 2> table = {{
      {.name = "haar", .summary = "OpenCV's Haar cascade for frontal faces", .make = make_haar_detector},
      {.name = "none",
       .summary = "the whole image is the face, for data sets of face crops",
       .make = [](const FaceDetectorOptions&) { return std::make_unique<WholeImageDetector>(); }},
  }};
  return table;
}

std::unique_ptr<FaceDetector> make_face_detector(const FaceDetectorOptions& options) {
  std::vector<std::string> names;
  for (const FaceDetectorKind& kind : face_detectors()) {
    if (kind.name == options.name) return kind.make(options);
    names.push_back(kind.name);
  }
  throw usage_error("no face detector is called '{}'{} (known: {})", options.name,
                    did_you_mean(options.name, names), join(names, ", "));
}

}  // namespace fer
