#include "efficientnet.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "inverted_net.hpp"

namespace fer {
namespace {

struct EfficientNetStage {
  int expansion;
  int kernel;
  int channels;
  int repeats;
  int stride;
};

constexpr std::array<EfficientNetStage, 7> kEfficientNetStages = {{{1, 3, 16, 1, 1},
                                                                   {6, 3, 24, 2, 2},
                                                                   {6, 5, 40, 2, 2},
                                                                   {6, 3, 80, 3, 2},
                                                                   {6, 5, 112, 3, 1},
                                                                   {6, 5, 192, 4, 2},
                                                                   {6, 3, 320, 1, 1}}};
constexpr int kEfficientNetStem = 32;
constexpr int kLastPerChannel = 4;

int repeats_of(const EfficientNetStage& row, double depth) {
  return static_cast<int>(std::ceil(row.repeats * depth));
}

/// Without activations, squeeze-excitation and stochastic depth.
InvertedNetSpec shape_of(EfficientNetScale scale) {
  InvertedNetSpec spec{.stem = round_channels(kEfficientNetStem * scale.width), .stages = {}};
  int channels = spec.stem;
  for (const EfficientNetStage& row : kEfficientNetStages) {
    auto& stage = spec.stages.emplace_back();
    for (int i = 0; i < repeats_of(row, scale.depth); ++i) {
      const int out = round_channels(row.channels * scale.width);
      stage.push_back({.in = channels,
                       .hidden = channels * row.expansion,
                       .out = out,
                       .kernel = row.kernel,
                       .stride = i == 0 ? row.stride : 1});
      channels = out;
    }
  }
  spec.last = kLastPerChannel * channels;
  return spec;
}

/// From 0 in the first block almost up to `last`.
void deepen_evenly(InvertedNetSpec& spec, double last) {
  std::size_t count = 0;
  for (const auto& stage : spec.stages) count += stage.size();
  std::size_t i = 0;
  for (auto& stage : spec.stages) {
    for (InvertedResidualSpec& block : stage)
      block.stochastic_depth = last * static_cast<double>(i++) / static_cast<double>(count);
  }
}

}  // namespace

std::shared_ptr<Classifier> make_efficientnet(EfficientNetScale scale, const ClassifierOptions& options) {
  InvertedNetSpec spec = shape_of(scale);
  spec.activation = Activation::silu;
  for (auto& stage : spec.stages) {
    for (InvertedResidualSpec& block : stage) {
      block.activation = Activation::silu;
      block.squeeze.channels = std::max(1, block.in / 4);
    }
  }
  deepen_evenly(spec, options.stochastic_depth);
  const InvertedNetNames names = torchvision_names(spec, {.staged = true});
  return make_inverted_net(spec, names, timm_spelling(spec, names, spec.norm.eps), options);
}

std::shared_ptr<Classifier> make_efficientnet_lite0(const ClassifierOptions& options) {
  InvertedNetSpec spec = shape_of({});
  deepen_evenly(spec, options.stochastic_depth);
  return make_inverted_net(spec, timm_names(spec), {}, options);
}

}  // namespace fer
