#include "fer/vision/face_crop.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace fer {

cv::Rect2f crop_square(const cv::Rect2f& box, float margin) {
  const float side = std::max({box.width, box.height, 1.0F}) * (1.0F + 2.0F * margin);
  return {box.x + (box.width - side) / 2, box.y + (box.height - side) / 2, side, side};
}

cv::Mat face_crop(const cv::Mat& rgb, const cv::Rect2f& box, const Preprocessing& preprocessing) {
  const cv::Rect2f square = crop_square(box, preprocessing.margin);
  const int side = std::max(1, static_cast<int>(std::lround(square.width)));
  // A box that lies outside the image altogether still yields its nearest edge.
  const int left = std::clamp(static_cast<int>(std::lround(square.x)), 1 - side, rgb.cols - 1);
  const int top = std::clamp(static_cast<int>(std::lround(square.y)), 1 - side, rgb.rows - 1);
  const cv::Rect wanted(left, top, side, side);
  const cv::Rect inside = wanted & cv::Rect(0, 0, rgb.cols, rgb.rows);

  cv::Mat crop = rgb(inside);
  if (inside != wanted) {
    cv::copyMakeBorder(crop, crop, inside.y - wanted.y, wanted.br().y - inside.br().y, inside.x - wanted.x,
                       wanted.br().x - inside.br().x, cv::BORDER_REPLICATE | cv::BORDER_ISOLATED);
  }
  cv::Mat resized;
  const auto filter = side > preprocessing.size ? cv::INTER_AREA : cv::INTER_LINEAR;
  cv::resize(crop, resized, {preprocessing.size, preprocessing.size}, 0, 0, filter);
  if (preprocessing.grey) {
    cv::cvtColor(resized, resized, cv::COLOR_RGB2GRAY);
    cv::cvtColor(resized, resized, cv::COLOR_GRAY2RGB);
  }
  return resized;
}

std::optional<FaceDetection> largest_face(std::span<const FaceDetection> faces) {
  const auto largest =
      std::ranges::max_element(faces, {}, [](const FaceDetection& face) { return face.box.area(); });
  if (largest == faces.end()) return std::nullopt;
  return *largest;
}

}  // namespace fer
