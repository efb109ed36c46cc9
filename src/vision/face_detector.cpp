#include "fer/vision/face_detector.hpp"

#include <algorithm>
#include <string>
#include <tuple>

#include "fer/core/error.hpp"
#include "fer/core/model_files.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

class WholeImageDetector final : public FaceDetector {
 public:
  std::string_view name() const override { return whole_image_detector().facts.name; }

  std::vector<FaceDetection> detect(const cv::Mat& rgb) override {
    return {{.box = {0, 0, static_cast<float>(rgb.cols), static_cast<float>(rgb.rows)}, .score = 1}};
  }
};

}  // namespace

std::vector<std::vector<FaceDetection>> FaceDetector::detect_batch(std::span<const cv::Mat> images) {
  std::vector<std::vector<FaceDetection>> faces;
  for (const cv::Mat& image : images) faces.push_back(detect(image));
  return faces;
}

std::vector<FaceDetection> without_small_faces(std::vector<FaceDetection> faces, cv::Size image,
                                               float min_size) {
  const float smallest = min_size * static_cast<float>(std::min(image.width, image.height));
  std::erase_if(
      faces, [&](const FaceDetection& face) { return std::max(face.box.width, face.box.height) < smallest; });
  std::ranges::sort(faces, {}, [](const FaceDetection& face) {
    return std::tuple(-face.box.area(), face.box.y, face.box.x);
  });
  return faces;
}

const FaceDetectorKind& find_detector(std::span<const FaceDetectorKind> table, std::string_view name) {
  std::vector<std::string> names;
  for (const FaceDetectorKind& kind : table) {
    if (kind.facts.name == name) return kind;
    names.push_back(kind.facts.name);
  }
  throw usage_error("no face detector is called '{}'{} (known: {})", name, did_you_mean(name, names),
                    join(names, ", "));
}

std::filesystem::path require_detector_file(std::string_view name, const FaceDetectorOptions& options) {
  try {
    return require_model_file(model_file(name), options.models_folder);
  } catch (const Error& error) {
    throw data_error("{} (the detector haar needs no model file)", error.what());
  }
}

const FaceDetectorKind& whole_image_detector() {
  static const FaceDetectorKind kind = {
      .facts = {.name = "none", .summary = "the whole image is the face, for data sets of face crops"},
      .make = [](const FaceDetectorOptions&) { return std::make_unique<WholeImageDetector>(); }};
  return kind;
}

}  // namespace fer
