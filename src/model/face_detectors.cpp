#include "fer/model/face_detectors.hpp"

#include <string>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"

namespace fer {

std::span<const FaceDetectorKind> face_detectors() {
  static const std::vector<FaceDetectorKind> table = {haar_detector(),           yunet_detector(),
                                                      mtcnn_detector(),          blazeface_detector(),
                                                      blazeface_back_detector(), whole_image_detector()};
  return table;
}

const FaceDetectorKind& face_detector_kind(std::string_view name) {
  std::vector<std::string> names;
  for (const FaceDetectorKind& kind : face_detectors()) {
    if (kind.facts.name == name) return kind;
    names.push_back(kind.facts.name);
  }
  throw usage_error("no face detector is called '{}'{} (known: {})", name, did_you_mean(name, names),
                    join(names, ", "));
}

std::unique_ptr<FaceDetector> make_face_detector(std::string_view name, const FaceDetectorOptions& options) {
  return face_detector_kind(name).make(options);
}

}  // namespace fer
