#pragma once

#include <cstdint>

#include "fer/model/classifier.hpp"

namespace fer {

/// How large a classifier is, and how much it computes for one image.
struct Complexity {
  std::int64_t parameters;
  std::int64_t macs;  ///< multiply-adds of convolutions, linear layers and attention, as papers count them
};

/// Sends an image of `input_size` pixels a side through the classifier, which must not be folded, and counts
/// what LibTorch is asked to do: any backbone is counted without code of its own. Mode and weights stay as
/// they are.
Complexity complexity(Classifier& classifier, int input_size);

}  // namespace fer
