#include <array>
#include <opencv2/core.hpp>

#include "fer/vision/face_crop.hpp"

namespace fer {
namespace {

constexpr double kFrame = 112;  // side of the template's frame
const std::array<cv::Point2d, 5> kTemplate = {
    {{38.2946, 51.6963}, {73.5318, 51.5014}, {56.0252, 71.7366}, {41.5493, 92.3655}, {70.7299, 92.2041}}};

/// As many template points as there are landmarks: the mouth's centre stands for its corners where there are
/// four.
std::vector<cv::Point2d> template_points(std::size_t landmarks) {
  std::vector<cv::Point2d> points(kTemplate.begin(), kTemplate.end());
  if (landmarks == 4) points[3] = (points[3] + points[4]) / 2;
  points.resize(landmarks);
  return points;
}

cv::Point2d middle(std::span<const cv::Point2d> points) {
  cv::Point2d sum;
  for (const cv::Point2d& point : points) sum += point;
  return sum / static_cast<double>(points.size());
}

}  // namespace

cv::Mat alignment(std::span<const cv::Point2f> landmarks, const Preprocessing& preprocessing) {
  if (landmarks.size() < 2 || landmarks.size() > kTemplate.size()) return {};
  const std::vector<cv::Point2d> from(landmarks.begin(), landmarks.end());
  const std::vector<cv::Point2d> to = template_points(from.size());
  const cv::Point2d from_mean = middle(from);
  const cv::Point2d to_mean = middle(to);
  // In the plane, Umeyama's rotation and scale are one complex number: sum(to * conj(from)) / sum(|from|^2).
  cv::Point2d turn;
  double spread = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const cv::Point2d a = from[i] - from_mean;
    const cv::Point2d b = to[i] - to_mean;
    turn += {b.dot(a), b.y * a.x - b.x * a.y};
    spread += a.dot(a);
  }
  if (!(spread > 1e-6) || !(cv::norm(turn) > 1e-6 * spread)) return {};
  turn = turn / spread;

  // The frame with its margins becomes the crop.
  const double unit = preprocessing.size / (kFrame * (1 + 2 * static_cast<double>(preprocessing.margin)));
  const double shift = kFrame * static_cast<double>(preprocessing.margin);
  const cv::Point2d moved(to_mean.x - turn.x * from_mean.x + turn.y * from_mean.y + shift,
                          to_mean.y - turn.y * from_mean.x - turn.x * from_mean.y + shift);
  return cv::Mat_<double>(2, 3) << unit * turn.x, -unit * turn.y, unit * moved.x, unit * turn.y,
         unit * turn.x, unit * moved.y;
}

}  // namespace fer
