#pragma once

#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

namespace fer {

/// An exported model with QuantizeLinear and DequantizeLinear spelled out in float operators that round the
/// same way. Throws a data error for what is no ONNX model.
std::string in_floats(const std::string& onnx);

/// What OpenCV's dnn answers, a row for each input, which is float and of the shape the model takes for one
/// image. Throws a data error with OpenCV's reason for a model that it cannot run.
std::vector<std::vector<float>> opencv_answers(const std::string& onnx, std::span<const cv::Mat> inputs);

}  // namespace fer
