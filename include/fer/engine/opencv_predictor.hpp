#pragma once

#include <filesystem>
#include <memory>

#include "fer/engine/predictor.hpp"

namespace fer {

/// An ONNX file of any OnnxForm, through OpenCV's dnn. Crops go through one by one, so that neither their
/// number nor that of the threads changes a bit; each thread has a network of its own. Where the network
/// gives probabilities their logarithms are the logits, and there is no calibration left. Throws a data error
/// that names the file if it is damaged, is one that this OpenCV cannot compute, says nothing of classes and
/// preprocessing, or gives other answers; a usage error for options other than a CPU and single precision.
std::unique_ptr<LogitPredictor> load_opencv_predictor(const std::filesystem::path& onnx,
                                                      const PredictorOptions& options = {});

}  // namespace fer
