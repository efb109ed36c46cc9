#pragma once

#include <array>
#include <vector>

#include "fer/vision/face_detector.hpp"
#include "map_layers.hpp"

namespace fer {

constexpr std::array<int, 3> kYuNetStrides = {8, 16, 32};

/// What YuNet says of a cell: cls and obj, whose sigmoids are probabilities, the box, the points.
constexpr int kYuNetValues = 1 + 1 + 4 + 10;

/// A pixel of kYuNetValues for each cell, by stride.
using YuNetOutput = std::array<MapView, kYuNetStrides.size()>;

/// The detections of one image with a score of at least `min_score`, in its pixels and in no order, before
/// suppression. The score is sqrt(cls * obj), as OpenCV's FaceDetectorYN has it since 4.8.
std::vector<FaceDetection> decode_yunet(const YuNetOutput& output, float min_score);

}  // namespace fer
