#include "fer/engine/yunet.hpp"
#include "fer/model/face_detectors.hpp"
#include "yunet_file.hpp"

namespace fer {

const FaceDetectorKind& yunet_detector() {
  static const FaceDetectorKind kind = yunet_kind([](const std::filesystem::path& path) -> YuNetRun {
    return [network = read_yunet(path)](const cv::Mat& rgb) mutable { return network.run(rgb); };
  });
  return kind;
}

}  // namespace fer
