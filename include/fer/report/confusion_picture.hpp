#pragma once

#include <opencv2/core.hpp>
#include <string>

#include "fer/core/labels.hpp"
#include "fer/eval/metrics.hpp"

namespace fer {

/// The confusion matrix as an RGB picture at twice screen resolution: labels down, predictions across; each
/// cell has its count and its share of the row, which also sets its blue. Letters outside ASCII show as '?'.
/// Throws a failure if the matrix is that of another number of classes.
cv::Mat draw_confusion(const Confusion& confusion, const ClassList& classes, const std::string& title);

}  // namespace fer
