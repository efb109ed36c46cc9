#pragma once

#include <memory>

#include "fer/model/backbones.hpp"

namespace fer {

/// MobileNetV3 (Howard et al. 2019, tables 1 and 2), as torchvision lays it out. The layer after pooling is
/// its last block, so that starting weights bring it along.
std::shared_ptr<Classifier> make_mobilenet_v3_small(const ClassifierOptions& options);
std::shared_ptr<Classifier> make_mobilenet_v3_large(const ClassifierOptions& options);

}  // namespace fer
