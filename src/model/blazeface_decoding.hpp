#pragma once

#include <array>
#include <opencv2/core.hpp>
#include <span>
#include <vector>

namespace fer {

constexpr int kBlazeFaceAnchors = 896;
constexpr int kBlazeFaceValues = 16;  ///< per anchor: centre and size of the box, then six points

/// A face in shares of the square input's side: the box, then the right and the left eye (of the person),
/// nose tip, mouth's centre, right and left ear.
struct BlazeFace {
  cv::Rect2f box;
  std::array<cv::Point2f, 6> points;
  float score = 0;
};

/// The middles of the anchors: two for each cell of a 16x16 grid, then six for each of an 8x8 grid, row by
/// row.
std::vector<cv::Point2f> blazeface_anchors();

/// The faces of at least `min_score`, in no order and before blending. `values` holds 16 numbers for each
/// anchor in pixels of an input of `side`, `logits` one.
std::vector<BlazeFace> decode_blazeface(std::span<const float> values, std::span<const float> logits,
                                        int side, float min_score);

/// MediaPipe's weighted suppression: the best face and all that overlap it by more than 0.3 become one, the
/// mean weighted by their scores, with their mean score; and so on with the rest.
std::vector<BlazeFace> blend_overlapping(std::vector<BlazeFace> faces);

}  // namespace fer
