#include <opencv2/core/utility.hpp>
#include <vector>

#include "engines.hpp"
#include "fer/core/error.hpp"
#include "fer/engine/yunet.hpp"

namespace fer {

std::span<const FaceDetectorKind> detectors() {
  static const std::vector<FaceDetectorKind> table = {haar_detector(), opencv_yunet_detector(),
                                                      whole_image_detector()};
  return table;
}

const FaceDetectorKind& detector_called(std::string_view name) {
  try {
    return find_detector(detectors(), name);
  } catch (const Error& error) {
    throw usage_error("{}; this program was built without LibTorch, which others need", error.what());
  }
}

std::filesystem::path checkpoint_file(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return path;
  throw usage_error(
      "{}: is a folder; without LibTorch a model is an ONNX file, which 'fer-export' makes of a run",
      path.string());
}

std::unique_ptr<LogitPredictor> load_checkpoint_predictor(const std::filesystem::path& checkpoint,
                                                          const PredictorOptions&) {
  throw usage_error(
      "{}: this program was built without LibTorch and reads ONNX files; 'fer-export' makes one of a "
      "checkpoint",
      checkpoint.string());
}

void prepare_program(char**) {}

void use_one_thread() { cv::setNumThreads(1); }

}  // namespace fer
