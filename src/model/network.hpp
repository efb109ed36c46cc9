#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace fer {

/// A trained classifier made ready to compute.
class Network {
 public:
  virtual ~Network() = default;

  /// RGB bytes [size][size][3] of each image, to a row of logits each. Threads may call it at the same time.
  virtual std::vector<std::vector<float>> run(std::span<const std::uint8_t* const> images) = 0;
};

}  // namespace fer
