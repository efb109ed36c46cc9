#pragma once

#include <filesystem>
#include <string>

#include "fer/core/model_files.hpp"
#include "fer/core/progress.hpp"

namespace fer {

/// Brings a model file from its publisher, or from `mirror` (an https:// or file:// address) if that is not
/// empty, into `folder` and checks its SHA-256. Returns its path; does nothing if it is there already. Throws
/// a failure for what the network refuses, a data error for a wrong checksum; then nothing is left behind.
/// What `progress` throws ends it, too.
std::filesystem::path fetch_model_file(const ModelFile& file, const std::filesystem::path& folder,
                                       const std::string& mirror, const ProgressFn& progress);

}  // namespace fer
