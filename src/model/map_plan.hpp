#pragma once

#include <memory>

#include "fer/model/layer_list.hpp"
#include "fer/model/quantise.hpp"
#include "fer/vision/face_crop.hpp"
#include "network.hpp"

namespace fer {

/// A convolutional classifier planned for images of one size on a CPU: which kernel does what, with weights
/// packed for it and a place in memory for every map, all settled once. Images that are enough for every
/// thread are shared out among them whole; otherwise they share out each layer. A logit is the same to the
/// last bit whatever else is computed with it.
///
/// For images prepared by `preprocessing`, in bfloat16 or float. Null where the list holds a layer that no
/// kernel does, and for bfloat16 where the processor lacks has_tiles().
std::unique_ptr<Network> plan_maps(const LayerList& layers, const Preprocessing& preprocessing, bool bf16);

/// The same in bytes. Null where a layer has no kernel, too, and where the
/// processor lacks has_byte_kernels().
std::unique_ptr<Network> plan_maps(const QuantisedLayers& layers, const Preprocessing& preprocessing);

}  // namespace fer
