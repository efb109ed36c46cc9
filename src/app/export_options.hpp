#pragma once

#include <filesystem>
#include <string>

#include "data_choice.hpp"
#include "log.hpp"

namespace fer {

/// The arguments of `fer-export`.
struct ExportOptions {
  std::filesystem::path model;  ///< a checkpoint, also a quantised one
  std::filesystem::path output;
  std::string format;          ///< onnx, pth, safetensors or int8
  bool probabilities = false;  ///< of onnx, as in OnnxOptions
  bool images = false;
  bool half = false;      ///< of pth and safetensors: floats in two bytes
  int calibration = 512;  ///< of int8: how many images to choose the scales by
  DataChoice data = {};   ///< of int8: the labelled images
  LogOptions log = {};
};

}  // namespace fer
