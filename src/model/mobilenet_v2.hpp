#pragma once

#include <memory>

#include "fer/model/backbones.hpp"

namespace fer {

/// MobileNetV2 of any width (Sandler et al. 2018, table 2), as torchvision lays it out.
std::shared_ptr<Classifier> make_mobilenet_v2(const ClassifierOptions& options);

}  // namespace fer
