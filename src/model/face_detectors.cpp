#include "fer/model/face_detectors.hpp"

#include <vector>

namespace fer {

std::span<const FaceDetectorKind> face_detectors() {
  static const std::vector<FaceDetectorKind> table = {haar_detector(),           yunet_detector(),
                                                      mtcnn_detector(),          blazeface_detector(),
                                                      blazeface_back_detector(), whole_image_detector()};
  return table;
}

const FaceDetectorKind& face_detector_kind(std::string_view name) {
  return find_detector(face_detectors(), name);
}

std::unique_ptr<FaceDetector> make_face_detector(std::string_view name, const FaceDetectorOptions& options) {
  return face_detector_kind(name).make(options);
}

}  // namespace fer
