#pragma once

#include <memory>

#include "fer/model/backbones.hpp"

namespace fer {

/// ResNet (He et al. 2016, table 1), as torchvision lays it out: in a bottleneck the 3x3 layer has the
/// stride.
std::shared_ptr<Classifier> make_resnet18(const ClassifierOptions& options);
std::shared_ptr<Classifier> make_resnet50(const ClassifierOptions& options);

}  // namespace fer
