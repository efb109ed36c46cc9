#include "mobilenet_v2.hpp"

#include <algorithm>
#include <array>

#include "inverted_net.hpp"

namespace fer {
namespace {

struct MobileNetV2Stage {
  int expansion;
  int channels;
  int repeats;
  int stride;
};

constexpr std::array<MobileNetV2Stage, 7> kMobileNetV2Stages = {{{1, 16, 1, 1},
                                                                 {6, 24, 2, 2},
                                                                 {6, 32, 3, 2},
                                                                 {6, 64, 4, 2},
                                                                 {6, 96, 3, 1},
                                                                 {6, 160, 3, 2},
                                                                 {6, 320, 1, 1}}};
constexpr int kMobileNetV2Stem = 32;
constexpr int kLast = 1280;

/// A narrow network keeps all its features.
InvertedNetSpec spec_of(double width) {
  InvertedNetSpec spec{.stem = round_channels(kMobileNetV2Stem * width),
                       .stages = {},
                       .last = round_channels(kLast * std::max(1.0, width))};
  int channels = spec.stem;
  for (const MobileNetV2Stage& row : kMobileNetV2Stages) {
    auto& stage = spec.stages.emplace_back();
    for (int i = 0; i < row.repeats; ++i) {
      const int out = round_channels(row.channels * width);
      stage.push_back({.in = channels,
                       .hidden = channels * row.expansion,
                       .out = out,
                       .stride = i == 0 ? row.stride : 1});
      channels = out;
    }
  }
  return spec;
}

}  // namespace

std::shared_ptr<Classifier> make_mobilenet_v2(const ClassifierOptions& options) {
  const InvertedNetSpec spec = spec_of(options.width);
  const InvertedNetNames names = torchvision_names(spec, {.block = "conv", .bare_projection = true});
  return make_inverted_net(spec, names, timm_spelling(spec, names, spec.norm.eps), options);
}

}  // namespace fer
