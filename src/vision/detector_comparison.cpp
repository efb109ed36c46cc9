#include "fer/vision/detector_comparison.hpp"

#include <algorithm>
#include <cmath>

#include "fer/vision/boxes.hpp"

namespace fer {
namespace {

double share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

std::vector<cv::Rect2f> boxes_of(std::span<const FaceDetection> faces) {
  std::vector<cv::Rect2f> boxes;
  for (const FaceDetection& face : faces) boxes.push_back(face.box);
  return boxes;
}

}  // namespace

double DetectorCounts::coverage() const { return share(images_with_face, images); }

double DetectorCounts::faces_per_image() const { return share(faces, images); }

double DetectorCounts::milliseconds(double q) const {
  if (seconds.empty()) return 0;
  std::vector<double> sorted = seconds;
  const auto last = static_cast<double>(sorted.size() - 1);
  const auto position = sorted.begin() + std::lround(std::clamp(q, 0.0, 1.0) * last);
  std::ranges::nth_element(sorted, position);
  return 1000 * *position;
}

DetectorCounts DetectorComparison::total(std::size_t detector) const {
  DetectorCounts sum;
  for (const ComparedInput& input : inputs) {
    const DetectorCounts& counts = input.counts[detector];
    sum.images += counts.images;
    sum.images_with_face += counts.images_with_face;
    sum.faces += counts.faces;
    sum.seconds.insert(sum.seconds.end(), counts.seconds.begin(), counts.seconds.end());
  }
  return sum;
}

double DetectorComparison::agreement(std::size_t a, std::size_t b) const {
  const std::int64_t faces = total(a).faces;
  return faces == 0 ? 1 : share(agreed[a][b], faces);
}

void DetectorComparison::begin(std::string path) {
  agreed.resize(detectors.size(), std::vector<std::int64_t>(detectors.size()));
  inputs.push_back({.path = std::move(path), .counts = std::vector<DetectorCounts>(detectors.size())});
}

void DetectorComparison::add(std::span<const std::vector<FaceDetection>> faces,
                             std::span<const double> seconds) {
  for (std::size_t a = 0; a < detectors.size(); ++a) {
    DetectorCounts& counts = inputs.back().counts[a];
    ++counts.images;
    counts.images_with_face += faces[a].empty() ? 0 : 1;
    counts.faces += std::ssize(faces[a]);
    counts.seconds.push_back(seconds[a]);
    for (std::size_t b = 0; b < detectors.size(); ++b)
      agreed[a][b] += std::ssize(match(boxes_of(faces[a]), boxes_of(faces[b]), threshold));
  }
}

}  // namespace fer
