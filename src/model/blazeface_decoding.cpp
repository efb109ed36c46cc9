#include "blazeface_decoding.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "fer/vision/boxes.hpp"

namespace fer {
namespace {

constexpr float kBlendOverlap = 0.3F;
constexpr float kLargestLogit = 100;

float sigmoid(float logit) { return 1 / (1 + std::exp(-std::clamp(logit, -kLargestLogit, kLargestLogit))); }

BlazeFace decode(const float* values, const cv::Point2f& anchor, float side, float score) {
  const auto point = [&](int i) { return cv::Point2f(values[i], values[i + 1]) / side + anchor; };
  const cv::Size2f size(values[2] / side, values[3] / side);
  const cv::Point2f corner = point(0) - cv::Point2f(size.width, size.height) / 2;
  BlazeFace face{.box = {corner, size}, .points = {}, .score = score};
  for (int i = 0; i < 6; ++i) face.points[static_cast<std::size_t>(i)] = point(4 + 2 * i);
  return face;
}

BlazeFace blend(std::span<const BlazeFace> faces) {
  BlazeFace sum;
  float total = 0;
  for (const BlazeFace& face : faces) {
    total += face.score;
    sum.box.x += face.score * face.box.x;
    sum.box.y += face.score * face.box.y;
    sum.box.width += face.score * face.box.width;
    sum.box.height += face.score * face.box.height;
    for (std::size_t i = 0; i < sum.points.size(); ++i) sum.points[i] += face.points[i] * face.score;
  }
  sum.box = {sum.box.x / total, sum.box.y / total, sum.box.width / total, sum.box.height / total};
  for (cv::Point2f& point : sum.points) point = point / total;
  sum.score = total / static_cast<float>(faces.size());
  return sum;
}

}  // namespace

std::vector<cv::Point2f> blazeface_anchors() {
  std::vector<cv::Point2f> anchors;
  const auto add = [&](int cells, int each) {
    const auto middle = [cells](int k) { return (static_cast<float>(k) + 0.5F) / static_cast<float>(cells); };
    for (int i = 0; i < cells * cells * each; ++i)
      anchors.emplace_back(middle(i / each % cells), middle(i / each / cells));
  };
  add(16, 2);
  add(8, 6);
  return anchors;
}

std::vector<BlazeFace> decode_blazeface(std::span<const float> values, std::span<const float> logits,
                                        int side, float min_score) {
  static const std::vector<cv::Point2f> anchors = blazeface_anchors();
  std::vector<BlazeFace> faces;
  for (std::size_t i = 0; i < anchors.size(); ++i) {
    const float score = sigmoid(logits[i]);
    if (score < min_score) continue;
    faces.push_back(decode(&values[i * kBlazeFaceValues], anchors[i], static_cast<float>(side), score));
  }
  return faces;
}

std::vector<BlazeFace> blend_overlapping(std::vector<BlazeFace> faces) {
  std::ranges::stable_sort(faces, std::greater{}, &BlazeFace::score);
  std::vector<BlazeFace> blended;
  while (!faces.empty()) {
    const cv::Rect2f best = faces.front().box;
    const auto rest = std::stable_partition(faces.begin(), faces.end(), [&](const BlazeFace& face) {
      return &face == faces.data() || overlap(best, face.box) > kBlendOverlap;
    });
    blended.push_back(blend({faces.begin(), rest}));
    faces.erase(faces.begin(), rest);
  }
  return blended;
}

}  // namespace fer
