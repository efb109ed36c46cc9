#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "fer/core/calibration.hpp"
#include "fer/core/labels.hpp"
#include "fer/model/tensor_file.hpp"
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

/// One safetensors file: weights under their torchvision names, `info` in the header's metadata.
struct Checkpoint {
  CheckpointInfo info;
  TensorMap weights;
};

/// Appears whole or not at all.
void save_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

/// Throws a data error naming the path for a file that is missing, damaged, or no checkpoint of this project.
Checkpoint load_checkpoint(const std::filesystem::path& path);

}  // namespace fer
