#pragma once

#include <opencv2/core.hpp>
#include <span>
#include <string>

#include "fer/train/training_result.hpp"

namespace fer {

/// Accuracy and loss by epoch side by side, as an RGB picture at twice screen resolution; a dashed line marks
/// the first epoch of each later stage. A value that is not finite leaves a gap.
/// At least one epoch, ascending; throws a failure otherwise.
cv::Mat draw_curves(std::span<const EpochResult> points, const std::string& title);

}  // namespace fer
