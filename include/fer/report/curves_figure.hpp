#pragma once

#include <span>
#include <string>

#include "fer/report/figure.hpp"
#include "fer/train/training_result.hpp"

namespace fer {

/// Accuracy and loss by epoch side by side over two columns; a dashed line marks the first epoch of each
/// later stage. A value that is not finite leaves a gap. At least one epoch, ascending; throws a failure
/// otherwise.
Figure curves_figure(std::span<const EpochResult> points, const std::string& title);

}  // namespace fer
