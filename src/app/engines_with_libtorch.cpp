#include <opencv2/core/utility.hpp>

#include "engines.hpp"
#include "fer/core/error.hpp"
#include "fer/model/device.hpp"
#include "fer/model/face_detectors.hpp"
#include "fer/model/predictor.hpp"

namespace fer {

std::span<const FaceDetectorKind> detectors() { return face_detectors(); }

const FaceDetectorKind& detector_called(std::string_view name) { return face_detector_kind(name); }

std::filesystem::path checkpoint_file(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return path;
  const std::filesystem::path best = path / "best.safetensors";
  if (!std::filesystem::exists(best)) throw data_error("{}: holds no best.safetensors", path.string());
  return best;
}

std::unique_ptr<LogitPredictor> load_checkpoint_predictor(const std::filesystem::path& checkpoint,
                                                          const PredictorOptions& options) {
  return load_predictor(checkpoint, options);
}

void prepare_program(char** argv) { prepare_process(argv); }

void use_one_thread() {
  use_threads(1);
  cv::setNumThreads(1);
}

}  // namespace fer
