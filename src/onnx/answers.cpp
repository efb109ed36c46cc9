#include "fer/onnx/answers.hpp"

#include <algorithm>

#include "fer/core/error.hpp"
#include "fer/engine/opencv_net.hpp"

namespace fer {
namespace {

std::string one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

std::vector<std::vector<float>> opencv_answers(const std::string& onnx, std::span<const cv::Mat> inputs) {
  cv::dnn::Net net = read_onnx_net(in_floats(onnx));
  std::vector<std::vector<float>> rows;
  try {
    for (const cv::Mat& input : inputs) {
      net.setInput(input);
      const cv::Mat row = net.forward();
      rows.emplace_back(row.begin<float>(), row.end<float>());
    }
  } catch (const cv::Exception& error) {
    throw data_error("OpenCV cannot run the model: {}", one_line(error.err));
  }
  return rows;
}

}  // namespace fer
