#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "fer/engine/predictor.hpp"

namespace fer {

/// The model in a file, computed by LibTorch (checkpoints) or by OpenCV (ONNX files). `engine` is "auto",
/// which goes by the file, "libtorch" or "opencv". Throws a usage error where the engine does not read such a
/// file, and what loading throws.
std::unique_ptr<LogitPredictor> load_model(const std::filesystem::path& model, const std::string& engine,
                                           const PredictorOptions& options);

}  // namespace fer
