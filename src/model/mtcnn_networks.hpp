#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "fer/model/tensor_file.hpp"
#include "map_layers.hpp"

namespace fer {

enum class MtcnnPart { pnet, rnet, onet };

/// A network of MTCNN, layer by layer. It has no state of its own: any number of threads may run it.
class MtcnnNetwork {
 public:
  /// With the layer names of facenet-pytorch. Throws a data error that begins with `source` if the tensors
  /// are not this network's.
  MtcnnNetwork(MtcnnPart part, const TensorMap& tensors, const std::string& source);

  /// Memory for the maps between the layers, of one thread.
  using Buffers = std::array<MapBuffer, 2>;

  /// `image`: 3 channels; 24x24 pixels for R-Net, 48x48 for O-Net, at least 12x12 for P-Net, which sees
  /// windows of that size, 2 pixels apart. For each window: logits of no face and of a face, shifts of left,
  /// top, right and bottom, and from O-Net alone the x and then the y of 5 landmarks. It lies in `buffers`.
  MapView run(const MapView& image, Buffers& buffers) const;

 private:
  struct Stage {
    ConvLayer layer;
    std::optional<Pool> pool;
  };

  std::vector<Stage> stages_;
};

}  // namespace fer
