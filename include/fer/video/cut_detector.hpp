#pragma once

#include <opencv2/core.hpp>

namespace fer {

/// Tells where one shot ends and the next begins, from FrameSource::thumbnail() of every frame in order.
///
/// Frames are compared by the correlation of their grey values, which neither a flash nor a fade changes
/// much. A new shot begins where it falls below 0.5, or below 0.8 and three times as far from 1 as over the
/// last frames, which tells a cut from a fast pan. Dissolves are no cuts.
class CutDetector {
 public:
  /// Whether this frame begins a new shot; the very first one does not.
  bool add(const cv::Mat& thumbnail);

 private:
  cv::Mat last_;           ///< float
  double unlikeness_ = 0;  ///< 1 - correlation, averaged over the last frames
};

}  // namespace fer
