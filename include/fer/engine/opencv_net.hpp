#pragma once

#include <filesystem>
#include <opencv2/dnn.hpp>
#include <string>

#include "fer/core/error.hpp"

namespace fer {

/// The network of an ONNX file's content. Throws a data error that does not name the file if OpenCV cannot
/// load it.
cv::dnn::Net read_onnx_net(const std::string& file);

/// make(), its errors with the path before them.
template <class Make>
auto naming(const std::filesystem::path& path, Make&& make) -> decltype(make()) {
  try {
    return make();
  } catch (const Error& error) {
    throw Error(error.kind(), path.string() + ": " + error.what());
  }
}

}  // namespace fer
