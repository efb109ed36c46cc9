#pragma once

#include <opencv2/core.hpp>
#include <opencv2/video/tracking.hpp>

namespace fer {

/// Where a box is and how it moves: a Kalman filter over its middle and size, as in SORT (Bewley et al.
/// 2016), with times in seconds and noise in shares of the box's size, so that any frame rate will do.
class BoxMotion {
 public:
  BoxMotion(const cv::Rect2f& box, double timestamp);
  BoxMotion(const BoxMotion& other);
  BoxMotion& operator=(const BoxMotion& other);
  ~BoxMotion() = default;

  /// Moves on to a later time; the box expected there.
  cv::Rect2f predict(double timestamp);

  /// Where it was seen at the time of the last predict().
  void correct(const cv::Rect2f& box);

 private:
  cv::Rect2f box() const;

  cv::KalmanFilter filter_;
  double timestamp_;
};

}  // namespace fer
