#pragma once

#include <memory>

#include "fer/engine/checkpoint_info.hpp"
#include "fer/model/classifier.hpp"
#include "fer/model/tensor_file.hpp"

namespace fer {

/// The classifier a checkpoint is of, its weights random. Throws a data error that does not name the file for
/// one that this program does not know.
std::shared_ptr<Classifier> classifier_of(const CheckpointInfo& info);

/// Before that network is built: throws a data error if the tensors are far too few for one of that width.
void check_size(const CheckpointInfo& info, const TensorMap& tensors);

}  // namespace fer
