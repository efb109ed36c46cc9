#pragma once

#include <memory>

#include "fer/model/classifier.hpp"

namespace fer {

/// MobileNetV2, width 1.0 (Sandler et al. 2018, table 2), as torchvision lays it out.
std::shared_ptr<Classifier> make_mobilenet_v2(const ClassifierOptions& options);

}  // namespace fer
