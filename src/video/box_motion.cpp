#include "fer/video/box_motion.hpp"

#include <algorithm>
#include <cmath>

namespace fer {
namespace {

constexpr int kMeasured = 4;                // middle and size
constexpr int kStates = 2 * kMeasured;      // and the speed of each
constexpr double kMeasurementNoise = 0.05;  // shares of the size
constexpr double kAcceleration = 4;         // of the middle, sizes / s^2
constexpr double kGrowthAcceleration = 1;   // of the size, likewise
constexpr double kFirstSpeed = 1;           // how fast a new box may move, sizes / s
constexpr double kLastingOfSpeed = 0.5;     // seconds after which a third of an unseen box's speed is left

cv::Mat measured(const cv::Rect2f& box) {
  return (cv::Mat_<float>(kMeasured, 1) << box.x + box.width / 2, box.y + box.height / 2, box.width,
          box.height);
}

/// cv::KalmanFilter's own copy would share its matrices.
void copy_state(const cv::KalmanFilter& from, cv::KalmanFilter& to) {
  to.init(kStates, kMeasured, 0, CV_32F);
  from.statePre.copyTo(to.statePre);
  from.statePost.copyTo(to.statePost);
  from.errorCovPre.copyTo(to.errorCovPre);
  from.errorCovPost.copyTo(to.errorCovPost);
  from.transitionMatrix.copyTo(to.transitionMatrix);
  from.measurementMatrix.copyTo(to.measurementMatrix);
  from.processNoiseCov.copyTo(to.processNoiseCov);
  from.measurementNoiseCov.copyTo(to.measurementNoiseCov);
}

float square(double value) { return static_cast<float>(value * value); }

}  // namespace

BoxMotion::BoxMotion(const cv::Rect2f& box, double timestamp)
    : filter_(kStates, kMeasured, 0, CV_32F), timestamp_(timestamp) {
  const double size = std::max(box.width, box.height);
  cv::setIdentity(filter_.measurementMatrix);
  cv::setIdentity(filter_.measurementNoiseCov, square(kMeasurementNoise * size));
  cv::setIdentity(filter_.errorCovPost, square(kMeasurementNoise * size));
  for (int i = kMeasured; i < kStates; ++i) filter_.errorCovPost.at<float>(i, i) = square(kFirstSpeed * size);
  filter_.statePost.setTo(0);
  measured(box).copyTo(filter_.statePost.rowRange(0, kMeasured));
}

BoxMotion::BoxMotion(const BoxMotion& other) : timestamp_(other.timestamp_) {
  copy_state(other.filter_, filter_);
}

BoxMotion& BoxMotion::operator=(const BoxMotion& other) {
  if (this != &other) copy_state(other.filter_, filter_);
  timestamp_ = other.timestamp_;
  return *this;
}

cv::Rect2f BoxMotion::predict(double timestamp) {
  const double dt = timestamp - timestamp_;
  timestamp_ = timestamp;
  const double size = std::max({filter_.statePost.at<float>(2), filter_.statePost.at<float>(3), 1.0F});
  for (int i = 0; i < kMeasured; ++i) {
    const int speed = i + kMeasured;
    const double noise = size * (i < 2 ? kAcceleration : kGrowthAcceleration);
    filter_.transitionMatrix.at<float>(i, speed) = static_cast<float>(dt);
    filter_.transitionMatrix.at<float>(speed, speed) = static_cast<float>(std::exp(-dt / kLastingOfSpeed));
    filter_.processNoiseCov.at<float>(i, i) = square(noise * dt * dt / 2);
    filter_.processNoiseCov.at<float>(speed, speed) = square(noise * dt);
    filter_.processNoiseCov.at<float>(i, speed) = filter_.processNoiseCov.at<float>(speed, i) =
        static_cast<float>(noise * noise * dt * dt * dt / 2);
  }
  filter_.predict();
  return box();
}

void BoxMotion::correct(const cv::Rect2f& box) { filter_.correct(measured(box)); }

cv::Rect2f BoxMotion::box() const {
  const cv::Mat& state = filter_.statePost;
  const float width = std::max(state.at<float>(2), 1.0F);
  const float height = std::max(state.at<float>(3), 1.0F);
  return {state.at<float>(0) - width / 2, state.at<float>(1) - height / 2, width, height};
}

}  // namespace fer
