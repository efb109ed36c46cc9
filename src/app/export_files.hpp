#pragma once

#include <string>

#include "export_options.hpp"
#include "fer/core/files.hpp"

namespace fer {

// Both write the file, read it back and hold it against the checkpoint before it appears: a failure leaves no
// file. They return what the comparison found, for people.

std::string export_onnx(const ExportOptions& options);

/// pth and safetensors.
std::string export_weights(const ExportOptions& options);

}  // namespace fer
