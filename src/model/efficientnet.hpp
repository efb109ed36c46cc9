#pragma once

#include <memory>

#include "fer/model/backbones.hpp"

namespace fer {

/// How much wider and deeper a network is than EfficientNet-B0.
struct EfficientNetScale {
  double width = 1;
  double depth = 1;
};

/// EfficientNet (Tan & Le 2019, table 1) with stochastic depth, as torchvision lays it out.
std::shared_ptr<Classifier> make_efficientnet(EfficientNetScale scale, const ClassifierOptions& options);

/// EfficientNet-Lite0, made for phones: B0 with ReLU6 and without squeeze-excitation, as timm lays it out.
std::shared_ptr<Classifier> make_efficientnet_lite0(const ClassifierOptions& options);

}  // namespace fer
