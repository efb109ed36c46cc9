#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "fer/engine/checkpoint_info.hpp"

namespace fer {

/// Whether the file is an ONNX model rather than a checkpoint, by its name's ending or else by its first
/// bytes. A file that cannot be read is none.
bool is_onnx_file(const std::filesystem::path& path);

/// `metadata_props` of an ONNX file's content (the ModelProto of https://github.com/onnx/onnx). Sizes in the
/// file are never trusted. Throws a data error that does not name the file for bytes that are no such
/// message.
Metadata onnx_metadata(std::string_view file);

/// What goes into an ONNX file's network and what comes out. Its metadata are those of to_metadata() and,
/// where a word here is not the first,
///
///     input         normalised     float [N,3,size,size]: RGB / 255, less the mean, divided by the deviation
///                   rgb8           uint8 [N,size,size,3]: RGB as face_crop() gives it
///     output        logits         float [N,classes]
///                   probabilities  float [N,classes]: calibrated as the metadata say, each row of sum 1
///     quantisation  as in quantised checkpoints: the weights are int8, with QuantizeLinear and
///     DequantizeLinear
///
/// N is dynamic. Each Conv has its kernel_shape, without which OpenCV 4.6 loads none.
struct OnnxForm {
  bool rgb8 = false;
  bool probabilities = false;
  bool quantised = false;

  bool operator==(const OnnxForm&) const = default;
};

/// Throws a data error that does not name the file for another word.
OnnxForm onnx_form(const Metadata& metadata);

/// The same network as OpenCV 4.6 can read it: a Clip has its limits in attributes, as before opset 11, where
/// they are constants. Throws as onnx_metadata() does.
std::string onnx_for_opencv(std::string_view file);

}  // namespace fer
