#pragma once

#include <opencv2/dnn.hpp>
#include <string>

namespace fer {

/// The network of an ONNX file's content. Throws a data error that does not name the file if OpenCV cannot
/// load it.
cv::dnn::Net read_onnx_net(const std::string& file);

}  // namespace fer
