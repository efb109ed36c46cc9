#include "fer/video/cut_detector.hpp"

#include <cmath>

namespace fer {
namespace {

constexpr double kCut = 0.5;
constexpr double kPossibleCut = 0.2;
constexpr double kTimesUsual = 3;
constexpr double kMemory = 0.8;   // weight of what was, frame by frame
constexpr double kGreyNoise = 8;  // grey levels: contrast below this tells no pictures apart

double correlation(const cv::Mat& a, const cv::Mat& b) {
  cv::Scalar mean_a;
  cv::Scalar mean_b;
  cv::Scalar deviation_a;
  cv::Scalar deviation_b;
  cv::meanStdDev(a, mean_a, deviation_a);
  cv::meanStdDev(b, mean_b, deviation_b);
  const double covariance = a.dot(b) / static_cast<double>(a.total()) - mean_a[0] * mean_b[0];
  const double noise = kGreyNoise * kGreyNoise;
  return (covariance + noise) /
         (std::hypot(deviation_a[0], kGreyNoise) * std::hypot(deviation_b[0], kGreyNoise));
}

}  // namespace

bool CutDetector::add(const cv::Mat& thumbnail) {
  cv::Mat now;
  thumbnail.convertTo(now, CV_32F);
  if (last_.empty()) {
    last_ = now;
    return false;
  }
  const double unlike = 1 - correlation(last_, now);
  last_ = now;
  const bool cut = unlike > kCut || (unlike > kPossibleCut && unlike > kTimesUsual * unlikeness_);
  unlikeness_ = cut ? 0 : kMemory * unlikeness_ + (1 - kMemory) * unlike;
  return cut;
}

}  // namespace fer
