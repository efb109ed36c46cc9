#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace fer {

/// The rows of [N,C], of any type on any device, behind those that are there.
void append_rows(const at::Tensor& values, std::vector<std::vector<float>>& rows);

}  // namespace fer
