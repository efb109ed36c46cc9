#include "yunet_decoding.hpp"

#include <algorithm>
#include <cmath>

#include "fer/core/error.hpp"

namespace fer {
namespace {

constexpr std::array<int, 3> kStrides = {8, 16, 32};
constexpr std::array<const char*, 12> kOutputs = {"cls_8",  "obj_8",  "bbox_8",  "kps_8",
                                                  "cls_16", "obj_16", "bbox_16", "kps_16",
                                                  "cls_32", "obj_32", "bbox_32", "kps_32"};
constexpr std::array<std::size_t, 4> kValues = {1, 1, 4, 10};  // per cell of cls, obj, bbox, kps

/// One stride's outputs, a row of values for each cell.
struct Level {
  int stride;
  std::array<const float*, 4> rows;

  FaceDetection face(int column, int row, std::size_t cell, float score) const {
    const auto step = static_cast<float>(stride);
    const cv::Point2f corner(static_cast<float>(column), static_cast<float>(row));
    const float* box = rows[2] + cell * kValues[2];
    const float* points = rows[3] + cell * kValues[3];
    const cv::Point2f centre = (corner + cv::Point2f(box[0], box[1])) * step;
    const cv::Size2f size(std::exp(box[2]) * step, std::exp(box[3]) * step);
    FaceDetection face{
        .box = {centre.x - size.width / 2, centre.y - size.height / 2, size.width, size.height},
        .score = score};
    // The person's right is on the left of the image.
    for (std::size_t i = 0; i < kValues[3]; i += 2)
      face.landmarks.push_back((corner + cv::Point2f(points[i], points[i + 1])) * step);
    return face;
  }
};

}  // namespace

std::span<const char* const> yunet_outputs() { return kOutputs; }

cv::Size yunet_input_size(cv::Size image) {
  constexpr int kLargest = kStrides.back();
  // On maps one cell wide OpenCV's dnn reads memory that nobody wrote.
  const auto up = [](int side) {
    return std::max(2 * kLargest, (side + kLargest - 1) / kLargest * kLargest);
  };
  return {up(image.width), up(image.height)};
}

std::vector<FaceDetection> decode_yunet(std::span<const cv::Mat> outputs, cv::Size input, float min_score) {
  std::vector<FaceDetection> faces;
  for (std::size_t k = 0; k < kStrides.size(); ++k) {
    Level level{.stride = kStrides[k], .rows = {}};
    const cv::Size cells(input.width / level.stride, input.height / level.stride);
    for (std::size_t i = 0; i < kValues.size(); ++i) {
      const cv::Mat& output = outputs[k * kValues.size() + i];
      if (output.depth() != CV_32F || output.total() != static_cast<std::size_t>(cells.area()) * kValues[i])
        throw data_error("its output {} does not fit its input", kOutputs[k * kValues.size() + i]);
      level.rows[i] = output.ptr<float>();
    }
    std::size_t cell = 0;
    for (int row = 0; row < cells.height; ++row) {
      for (int column = 0; column < cells.width; ++column, ++cell) {
        const float score = std::sqrt(std::clamp(level.rows[0][cell], 0.0F, 1.0F) *
                                      std::clamp(level.rows[1][cell], 0.0F, 1.0F));
        if (score >= min_score) faces.push_back(level.face(column, row, cell, score));
      }
    }
  }
  return faces;
}

}  // namespace fer
