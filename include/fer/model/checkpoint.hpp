#pragma once

#include <filesystem>
#include <string>

#include "fer/engine/checkpoint_info.hpp"
#include "fer/model/layer_list.hpp"
#include "fer/model/tensor_file.hpp"

namespace fer {

/// One safetensors file: weights under their torchvision names, `info` in the header's metadata.
struct Checkpoint {
  CheckpointInfo info;
  TensorMap weights;
};

/// Appears whole or not at all.
void save_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);

/// Throws a data error naming the path for a file that is missing, damaged, or no checkpoint of this project.
Checkpoint load_checkpoint(const std::filesystem::path& path);

/// What its classifier computes. Throws a data error that begins with `source` for an architecture that is
/// not known and for weights that are not of it.
LayerList layers_of(const Checkpoint& checkpoint, const std::string& source);

}  // namespace fer
