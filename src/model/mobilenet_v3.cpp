#include "mobilenet_v3.hpp"

#include <array>
#include <span>

#include "inverted_net.hpp"

namespace fer {
namespace {

constexpr auto kRelu = Activation::relu;
constexpr auto kHardSwish = Activation::hard_swish;
constexpr NormSpec kNorm = {.eps = 1e-3, .momentum = 0.01};
constexpr double kTimmEps = 1e-5;
constexpr int kMobileNetV3Stem = 16;

struct BlockRow {
  int kernel;
  int hidden;
  int out;
  bool squeezes;
  Activation activation;
  int stride;
};

constexpr std::array<BlockRow, 11> kSmall = {{{3, 16, 16, true, kRelu, 2},
                                              {3, 72, 24, false, kRelu, 2},
                                              {3, 88, 24, false, kRelu, 1},
                                              {5, 96, 40, true, kHardSwish, 2},
                                              {5, 240, 40, true, kHardSwish, 1},
                                              {5, 240, 40, true, kHardSwish, 1},
                                              {5, 120, 48, true, kHardSwish, 1},
                                              {5, 144, 48, true, kHardSwish, 1},
                                              {5, 288, 96, true, kHardSwish, 2},
                                              {5, 576, 96, true, kHardSwish, 1},
                                              {5, 576, 96, true, kHardSwish, 1}}};

constexpr std::array<BlockRow, 15> kLarge = {{{3, 16, 16, false, kRelu, 1},
                                              {3, 64, 24, false, kRelu, 2},
                                              {3, 72, 24, false, kRelu, 1},
                                              {5, 72, 40, true, kRelu, 2},
                                              {5, 120, 40, true, kRelu, 1},
                                              {5, 120, 40, true, kRelu, 1},
                                              {3, 240, 80, false, kHardSwish, 2},
                                              {3, 200, 80, false, kHardSwish, 1},
                                              {3, 184, 80, false, kHardSwish, 1},
                                              {3, 184, 80, false, kHardSwish, 1},
                                              {3, 480, 112, true, kHardSwish, 1},
                                              {3, 672, 112, true, kHardSwish, 1},
                                              {5, 672, 160, true, kHardSwish, 2},
                                              {5, 960, 160, true, kHardSwish, 1},
                                              {5, 960, 160, true, kHardSwish, 1}}};

/// Blocks with as many channels make a stage.
InvertedNetSpec spec_of(std::span<const BlockRow> rows, int hidden) {
  InvertedNetSpec spec{.stem = kMobileNetV3Stem,
                       .activation = kHardSwish,
                       .stages = {},
                       .last = 6 * rows.back().out,
                       .hidden = hidden,
                       .norm = kNorm};
  int channels = kMobileNetV3Stem;
  int stage_channels = 0;
  for (const BlockRow& row : rows) {
    if (row.out != stage_channels) spec.stages.emplace_back();
    stage_channels = row.out;
    const SqueezeSpec squeeze{.channels = row.squeezes ? round_channels(row.hidden / 4.0) : 0,
                              .activation = kRelu,
                              .gate = Gate::hard_sigmoid};
    spec.stages.back().push_back({.in = channels,
                                  .hidden = row.hidden,
                                  .out = row.out,
                                  .kernel = row.kernel,
                                  .stride = row.stride,
                                  .activation = row.activation,
                                  .squeeze = squeeze,
                                  .norm = kNorm});
    channels = row.out;
  }
  return spec;
}

std::shared_ptr<Classifier> make(const InvertedNetSpec& spec, const ClassifierOptions& options) {
  const InvertedNetNames names = torchvision_names(spec, {});
  return make_inverted_net(spec, names, timm_spelling(spec, names, kTimmEps), options);
}

}  // namespace

std::shared_ptr<Classifier> make_mobilenet_v3_small(const ClassifierOptions& options) {
  return make(spec_of(kSmall, 1024), options);
}

std::shared_ptr<Classifier> make_mobilenet_v3_large(const ClassifierOptions& options) {
  return make(spec_of(kLarge, 1280), options);
}

}  // namespace fer
