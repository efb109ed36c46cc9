#pragma once

#include <filesystem>
#include <memory>

#include "fer/engine/predictor.hpp"

namespace fer {

/// A checkpoint ready to predict. Throws a data error for a checkpoint that cannot be used, a usage error for
/// a device that is not there, and for a precision that is none or that the checkpoint does not have.
std::unique_ptr<LogitPredictor> load_predictor(const std::filesystem::path& checkpoint,
                                               const PredictorOptions& options = {});

}  // namespace fer
