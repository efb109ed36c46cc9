#include "fer/engine/opencv_net.hpp"

#include "fer/core/error.hpp"
#include "fer/engine/onnx_file.hpp"

namespace fer {

cv::dnn::Net read_onnx_net(const std::string& file) {
  const std::string readable = onnx_for_opencv(file);
  try {
    cv::dnn::Net net = cv::dnn::readNetFromONNX(readable.data(), readable.size());
    if (!net.empty()) return net;
  } catch (const std::exception&) {  // not OpenCV's alone: sizes may be absurd
  }
  throw data_error("is no network that OpenCV can load");
}

}  // namespace fer
