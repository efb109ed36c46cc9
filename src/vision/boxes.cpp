#include "fer/vision/boxes.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

namespace fer {
namespace {

float ratio(float intersection, float whole) { return whole > 0 ? intersection / whole : 0; }

}  // namespace

cv::Point2f middle(const cv::Rect2f& box) { return (box.tl() + box.br()) / 2; }

cv::Rect2f between(const cv::Rect2f& from, const cv::Rect2f& to, float share) {
  const auto part = [&](float a, float b) { return a + share * (b - a); };
  return {part(from.x, to.x), part(from.y, to.y), part(from.width, to.width), part(from.height, to.height)};
}

float overlap(const cv::Rect2f& a, const cv::Rect2f& b) {
  const float intersection = (a & b).area();
  return ratio(intersection, a.area() + b.area() - intersection);
}

float overlap_of_smaller(const cv::Rect2f& a, const cv::Rect2f& b) {
  return ratio((a & b).area(), std::min(a.area(), b.area()));
}

std::vector<std::size_t> suppress(std::span<const cv::Rect2f> boxes, std::span<const float> scores,
                                  float threshold, Overlap measure) {
  std::vector<std::size_t> order(boxes.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return scores[i]; });
  std::vector<std::size_t> kept;
  for (const std::size_t i : order) {
    const auto covers = [&](std::size_t k) { return measure(boxes[k], boxes[i]) > threshold; };
    if (std::ranges::none_of(kept, covers)) kept.push_back(i);
  }
  return kept;
}

std::vector<BoxPair> match(std::span<const cv::Rect2f> a, std::span<const cv::Rect2f> b, float threshold) {
  struct Candidate {
    float overlap;
    BoxPair pair;
  };
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < b.size(); ++j) {
      const float shared = overlap(a[i], b[j]);
      if (shared > 0 && shared >= threshold) candidates.push_back({shared, {i, j}});
    }
  }
  std::ranges::stable_sort(candidates, std::greater{}, &Candidate::overlap);
  std::vector<BoxPair> pairs;
  for (const Candidate& candidate : candidates) {
    const auto taken = [&](const BoxPair& pair) {
      return pair.a == candidate.pair.a || pair.b == candidate.pair.b;
    };
    if (std::ranges::none_of(pairs, taken)) pairs.push_back(candidate.pair);
  }
  return pairs;
}

}  // namespace fer
