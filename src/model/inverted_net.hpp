#pragma once

#include <memory>
#include <string>
#include <vector>

#include "block_chain.hpp"
#include "inverted_residual.hpp"

namespace fer {

/// A network of inverted residuals: what MobileNetV2, MobileNetV3 and EfficientNet have in common.
struct InvertedNetSpec {
  int stem = 32;                              ///< channels of the first layer (3x3, stride 2)
  Activation activation = Activation::relu6;  ///< of the first and the last layer
  std::vector<std::vector<InvertedResidualSpec>> stages;
  int last = 1280;  ///< channels of the last layer (1x1)
  int hidden = 0;   ///< features of a layer after pooling; 0: there is none
  NormSpec norm = {};
};

/// What a library calls the parts of such a network; blocks of all stages in one row.
struct InvertedNetNames {
  ConvNormNames stem;
  std::vector<InvertedResidualNames> blocks;
  ConvNormNames last;
  std::string hidden;
  std::string head;
};

/// The ways torchvision counts and nests.
struct TorchvisionStyle {
  std::string block = "block";   ///< what the layers of a block lie in
  bool staged = false;           ///< blocks are counted within their stage, not through
  bool bare_projection = false;  ///< its convolution and norm lie beside the other layers, not in one of them
};

InvertedNetNames torchvision_names(const InvertedNetSpec& spec, const TorchvisionStyle& style);
InvertedNetNames timm_names(const InvertedNetSpec& spec);

/// timm's names for a network that has others. `eps`: of its norms.
OtherSpelling timm_spelling(const InvertedNetSpec& spec, const InvertedNetNames& own, double eps);

std::shared_ptr<Classifier> make_inverted_net(const InvertedNetSpec& spec, const InvertedNetNames& names,
                                              OtherSpelling other, const ClassifierOptions& options);

/// A multiple of 8 near `channels`, at least 8 and not more than a tenth below: how the papers' networks
/// round.
int round_channels(double channels);

}  // namespace fer
