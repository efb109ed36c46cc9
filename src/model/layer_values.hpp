#pragma once

#include <cstddef>
#include <functional>

#include "fer/model/layer_list.hpp"

namespace fer {

/// Sees value `i` (as in Layer::inputs) as soon as it is there; what it returns takes its place.
using SeeValue = std::function<at::Tensor(std::size_t i, const at::Tensor& value)>;

/// run_layers() whose values are seen on the way.
at::Tensor run_layers(const LayerList& layers, const at::Tensor& images, const SeeValue& see);

}  // namespace fer
