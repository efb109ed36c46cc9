#pragma once

#include <limits>
#include <opencv2/core.hpp>
#include <span>
#include <string>

namespace fer {

/// What the curves show of one epoch. A value that is not finite leaves a gap.
struct CurvePoint {
  int epoch = 1;
  int stage = 1;
  double train_loss = std::numeric_limits<double>::quiet_NaN();
  double val_loss = std::numeric_limits<double>::quiet_NaN();
  double train_accuracy = std::numeric_limits<double>::quiet_NaN();  ///< 0..1
  double val_accuracy = std::numeric_limits<double>::quiet_NaN();
};

/// Accuracy and loss by epoch side by side, as an RGB picture at twice screen resolution; a dashed line marks
/// the first epoch of each later stage. `points`: at least one, epochs ascending; throws a failure otherwise.
cv::Mat draw_curves(std::span<const CurvePoint> points, const std::string& title);

}  // namespace fer
