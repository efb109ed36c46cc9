#pragma once

#include <memory>

#include "fer/engine/checkpoint_info.hpp"
#include "fer/model/classifier.hpp"

namespace fer {

/// The classifier a checkpoint is of, its weights random. Throws a data error that does not name the file for
/// one that this program does not know.
std::shared_ptr<Classifier> classifier_of(const CheckpointInfo& info);

}  // namespace fer
