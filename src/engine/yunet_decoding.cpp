#include <algorithm>
#include <cmath>

#include "fer/engine/yunet.hpp"

namespace fer {
namespace {

float sigmoid(float logit) { return 1 / (1 + std::exp(-logit)); }

/// As sqrt(cls * obj) is below each cell's square root, no face has a logit below.
float lowest_logit(float min_score) {
  constexpr float kSlack = 0.01F;  // for rounding
  const float probability = std::clamp(min_score * min_score, 1e-6F, 1 - 1e-6F);
  return std::log(probability / (1 - probability)) - kSlack;
}

FaceDetection face_of(const float* cell, cv::Point2f corner, float stride, float score) {
  const float* box = cell + 2;
  const float* points = box + 4;
  const cv::Point2f centre = (corner + cv::Point2f(box[0], box[1])) * stride;
  const cv::Size2f size(std::exp(box[2]) * stride, std::exp(box[3]) * stride);
  FaceDetection face{.box = {centre.x - size.width / 2, centre.y - size.height / 2, size.width, size.height},
                     .score = score};
  // The person's right is on the left of the image.
  for (int i = 0; i < 10; i += 2)
    face.landmarks.push_back((corner + cv::Point2f(points[i], points[i + 1])) * stride);
  return face;
}

}  // namespace

std::vector<FaceDetection> decode_yunet(const YuNetOutput& output, float min_score) {
  const float lowest = lowest_logit(min_score);
  std::vector<FaceDetection> faces;
  for (std::size_t k = 0; k < output.size(); ++k) {
    const MapView& map = output[k];
    for (int row = 0; row < map.height; ++row) {
      for (int column = 0; column < map.width; ++column) {
        const float* cell = map.at(row, column);
        if (std::min(cell[0], cell[1]) < lowest) continue;  // most, and exponentials take their time
        const float score = std::sqrt(sigmoid(cell[0]) * sigmoid(cell[1]));
        if (!(score >= min_score)) continue;
        const cv::Point2f corner(static_cast<float>(column), static_cast<float>(row));
        faces.push_back(face_of(cell, corner, static_cast<float>(kYuNetStrides[k]), score));
      }
    }
  }
  return faces;
}

}  // namespace fer
