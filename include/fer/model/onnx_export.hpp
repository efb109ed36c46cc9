#pragma once

#include <string>

#include "fer/model/checkpoint.hpp"
#include "fer/model/layer_list.hpp"
#include "fer/model/quantised_checkpoint.hpp"

namespace fer {

/// What an ONNX file holds besides the network.
struct OnnxOptions {
  bool probabilities = false;  ///< calibration and softmax: output "probabilities" [N,classes], not "logits"
  bool images = false;         ///< greying and normalisation: input uint8 [N,size,size,3], RGB, instead of
                               ///< normalised float [N,3,size,size]
};

/// A model of opset 17 for any number N of images, which come in as "images". Its metadata_props are
/// to_metadata(info) and two more keys: "input" is "normalised" or "rgb8", "output" is "logits" or
/// "probabilities". Only operators are used that OpenCV 4.6 knows, too.
std::string onnx_model(const LayerList& layers, const CheckpointInfo& info, const OnnxOptions& options = {});

/// With bytes as QuantizeLinear and DequantizeLinear around float operators, as runtimes expect them, weights
/// with a step for each output channel; metadata_props have "quantisation", too, as the checkpoint has it.
std::string onnx_model(const QuantisedCheckpoint& checkpoint, const OnnxOptions& options = {});

}  // namespace fer
