#pragma once

#include <string>

#include "fer/model/quantise.hpp"
#include "fer/onnx/graph.hpp"

namespace fer {

/// Adds a node or a few for each layer, of which each value is called as the layer is, the last one `result`,
/// which is returned. What has no steps and scales is computed in float.
std::string add_layers(OnnxGraph& graph, const QuantisedLayers& network, const std::string& images,
                       const std::string& result);

}  // namespace fer
