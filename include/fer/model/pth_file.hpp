#pragma once

#include <string>

#include "fer/model/tensor_file.hpp"

namespace fer {

/// A state dict as Python's torch.load(weights_only=True) and read_pth() take it: a zip archive with the
/// pickle of an OrderedDict, of floats, halves and 64-bit integers. The same bytes for the same tensors.
std::string pth_file(const TensorMap& tensors);

}  // namespace fer
