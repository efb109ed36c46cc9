#include "mtcnn_networks.hpp"

#include <utility>

#include "map_weights.hpp"

namespace fer {
namespace {

struct LayerSpec {
  ConvSpec filter;
  std::string prelu = {};  // none: the layer is linear
  std::optional<Pool> pool = {};
};

std::vector<LayerSpec> layers_of(MtcnnPart part) {
  constexpr Pool kPool2{.size = 2, .stride = 2};
  constexpr Pool kPool3{.size = 3, .stride = 2};
  switch (part) {
    case MtcnnPart::pnet:
      return {{.filter = {.parts = {{"conv1", 10}}, .in = 3, .kernel = 3}, .prelu = "prelu1", .pool = kPool2},
              {.filter = {.parts = {{"conv2", 16}}, .in = 10, .kernel = 3}, .prelu = "prelu2"},
              {.filter = {.parts = {{"conv3", 32}}, .in = 16, .kernel = 3}, .prelu = "prelu3"},
              {.filter = {.parts = {{"conv4_1", 2}, {"conv4_2", 4}}, .in = 32}}};
    case MtcnnPart::rnet:
      return {
          {.filter = {.parts = {{"conv1", 28}}, .in = 3, .kernel = 3}, .prelu = "prelu1", .pool = kPool3},
          {.filter = {.parts = {{"conv2", 48}}, .in = 28, .kernel = 3}, .prelu = "prelu2", .pool = kPool3},
          {.filter = {.parts = {{"conv3", 64}}, .in = 48, .kernel = 2}, .prelu = "prelu3"},
          {.filter = {.parts = {{"dense4", 128}}, .in = 64, .kernel = 3, .flat = true}, .prelu = "prelu4"},
          {.filter = {.parts = {{"dense5_1", 2}, {"dense5_2", 4}}, .in = 128, .flat = true}}};
    case MtcnnPart::onet:
      break;
  }
  return {
      {.filter = {.parts = {{"conv1", 32}}, .in = 3, .kernel = 3}, .prelu = "prelu1", .pool = kPool3},
      {.filter = {.parts = {{"conv2", 64}}, .in = 32, .kernel = 3}, .prelu = "prelu2", .pool = kPool3},
      {.filter = {.parts = {{"conv3", 64}}, .in = 64, .kernel = 3}, .prelu = "prelu3", .pool = kPool2},
      {.filter = {.parts = {{"conv4", 128}}, .in = 64, .kernel = 2}, .prelu = "prelu4"},
      {.filter = {.parts = {{"dense5", 256}}, .in = 128, .kernel = 3, .flat = true}, .prelu = "prelu5"},
      {.filter = {.parts = {{"dense6_1", 2}, {"dense6_2", 4}, {"dense6_3", 10}}, .in = 256, .flat = true}}};
}

}  // namespace

MtcnnNetwork::MtcnnNetwork(MtcnnPart part, const TensorMap& tensors, const std::string& source) {
  LayerWeights weights(tensors, source);
  for (const LayerSpec& spec : layers_of(part)) {
    Stage stage{.layer = weights.convolution(spec.filter), .pool = spec.pool};
    if (!spec.prelu.empty()) stage.layer.slope = weights.by_channel(spec.prelu + ".weight", stage.layer.out);
    stages_.push_back(std::move(stage));
  }
  weights.finish();
}

MapView MtcnnNetwork::run(const MapView& image, Buffers& buffers) const {
  std::size_t next = 0;
  const auto fresh = [&](int height, int width, int channels) {
    return buffers[next++ % buffers.size()].shaped(height, width, channels);
  };
  MapView map = image;
  for (const auto& [layer, pool] : stages_) {
    const int border = layer.kernel - 1;
    const MapView filtered = fresh(map.height - border, map.width - border, stored_channels(layer.out));
    convolve(layer, map, filtered);
    map = filtered;
    if (!pool) continue;
    const MapView pooled = fresh(pool->shrunk(map.height), pool->shrunk(map.width), map.channels);
    max_pool(*pool, map, pooled);
    map = pooled;
  }
  return map;
}

}  // namespace fer
