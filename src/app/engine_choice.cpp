#include "engine_choice.hpp"

#include "engines.hpp"
#include "fer/core/error.hpp"
#include "fer/engine/onnx_file.hpp"
#include "fer/engine/opencv_predictor.hpp"

namespace fer {

std::unique_ptr<LogitPredictor> load_model(const std::filesystem::path& model, const std::string& engine,
                                           const PredictorOptions& options) {
  const bool onnx = is_onnx_file(model);
  if (onnx && engine == "libtorch")
    throw usage_error("--engine libtorch reads checkpoints, and {} is an ONNX file", model.string());
  if (!onnx && engine == "opencv") {
    throw usage_error(
        "--engine opencv reads ONNX files, and {} is none; 'fer-export' makes one of a checkpoint",
        model.string());
  }
  return onnx ? load_opencv_predictor(model, options) : load_checkpoint_predictor(model, options);
}

}  // namespace fer
