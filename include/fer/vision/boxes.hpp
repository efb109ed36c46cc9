#pragma once

#include <cstddef>
#include <opencv2/core.hpp>
#include <span>
#include <vector>

namespace fer {

/// The point half way between its edges.
cv::Point2f middle(const cv::Rect2f& box);

/// The box a share (0..1) of the straight way from one to the other.
cv::Rect2f between(const cv::Rect2f& from, const cv::Rect2f& to, float share);

/// Intersection over union, 0..1; 0 where both are empty.
float overlap(const cv::Rect2f& a, const cv::Rect2f& b);

/// Intersection over the smaller box: 1 for a box inside another.
float overlap_of_smaller(const cv::Rect2f& a, const cv::Rect2f& b);

/// How two boxes overlap: one of the above.
using Overlap = float (*)(const cv::Rect2f&, const cv::Rect2f&);

/// Non-maximum suppression: of boxes whose `measure` is above `threshold` only the one with the highest score
/// stays. The positions of those that stay, highest score first; of equal scores the first one counts as
/// higher.
std::vector<std::size_t> suppress(std::span<const cv::Rect2f> boxes, std::span<const float> scores,
                                  float threshold, Overlap measure = overlap);

/// Two boxes that are one face, by their positions.
struct BoxPair {
  std::size_t a;
  std::size_t b;
};

/// Pairs of boxes that two detectors agree on, at an overlap of at least `threshold`: each box is in one pair
/// at most, and pairs of higher overlap are made first.
std::vector<BoxPair> match(std::span<const cv::Rect2f> a, std::span<const cv::Rect2f> b, float threshold);

}  // namespace fer
