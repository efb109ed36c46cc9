#pragma once

#include <filesystem>

#include "yunet_network.hpp"

namespace fer {

/// The network of an ONNX file, either kind. Throws a data error that names the file if OpenCV cannot load
/// it, or if it is no YuNet of 2023: on a picture of noise it has to say what OpenCV's dnn says of it.
YuNetNetwork read_yunet(const std::filesystem::path& path);

}  // namespace fer
