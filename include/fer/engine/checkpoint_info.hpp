#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "fer/core/calibration.hpp"
#include "fer/core/labels.hpp"
#include "fer/vision/face_crop.hpp"

namespace fer {

/// What a checkpoint says about itself besides its weights: everything inference needs.
struct CheckpointInfo {
  std::string backbone = "mobilenet_v2";
  double width = 1;  ///< as in ClassifierOptions; before version 5 always 1
  ClassList classes;
  Preprocessing preprocessing;
  /// Fitted on validation data; before version 4 always a temperature.
  Calibration calibration;
  /// The share of each class that the training saw, in class order, sum 1: what the probabilities lean to.
  /// Empty: unknown, as in checkpoints before version 3.
  std::vector<double> class_prior;
  std::string trained_on;  ///< one line for people: data, split, epoch, validation figures
  std::int64_t epoch = 0;  ///< epochs trained, 1-based

  bool operator==(const CheckpointInfo&) const = default;
};

/// Texts by key, as safetensors and ONNX files carry them.
using Metadata = std::map<std::string, std::string>;

/// What a file that holds the model says of it, the same in a checkpoint and in an export of it. Throws a
/// data error for what could not be read back, which does not name a file.
Metadata to_metadata(const CheckpointInfo& info);

/// The way back, from any version; other keys are left alone. Throws a data error that does not name the file
/// for metadata that are not this project's, lack a key or make no sense.
CheckpointInfo checkpoint_info(const Metadata& metadata);

}  // namespace fer
