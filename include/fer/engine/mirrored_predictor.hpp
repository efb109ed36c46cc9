#pragma once

#include <memory>

#include "fer/engine/predictor.hpp"

namespace fer {

/// A predictor whose logits are the mean of `inner`'s for a crop and for its mirror image; twice the work.
/// Its calibration is `inner`'s, fitted on the crops alone.
std::unique_ptr<LogitPredictor> mirrored(std::unique_ptr<LogitPredictor> inner);

}  // namespace fer
