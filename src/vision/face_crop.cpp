#include "fer/vision/face_crop.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "fer/vision/boxes.hpp"

namespace fer {
namespace {

constexpr std::array<std::string_view, 3> kTargets = {"largest", "center", "all"};

cv::Rect rounded(const cv::Rect2f& rectangle, cv::Size image) {
  const cv::Size size(std::max(1, static_cast<int>(std::lround(rectangle.width))),
                      std::max(1, static_cast<int>(std::lround(rectangle.height))));
  // A box that lies outside the image altogether still yields its nearest edge.
  return {{std::clamp(static_cast<int>(std::lround(rectangle.x)), 1 - size.width, image.width - 1),
           std::clamp(static_cast<int>(std::lround(rectangle.y)), 1 - size.height, image.height - 1)},
          size};
}

/// The rectangle's pixels, the image's edge repeated where it reaches outside.
cv::Mat cut(const cv::Mat& rgb, const cv::Rect& wanted) {
  const cv::Rect inside = wanted & cv::Rect(0, 0, rgb.cols, rgb.rows);
  cv::Mat piece = rgb(inside);
  if (inside != wanted) {
    cv::copyMakeBorder(piece, piece, inside.y - wanted.y, wanted.br().y - inside.br().y, inside.x - wanted.x,
                       wanted.br().x - inside.br().x, cv::BORDER_REPLICATE | cv::BORDER_ISOLATED);
  }
  return piece;
}

cv::Mat upright_crop(const cv::Mat& rgb, const cv::Rect2f& box, const Preprocessing& preprocessing) {
  const cv::Rect wanted = rounded(crop_rectangle(box, preprocessing), rgb.size());
  cv::Mat crop;
  const int side = preprocessing.size;
  const auto filter = std::max(wanted.width, wanted.height) > side ? cv::INTER_AREA : cv::INTER_LINEAR;
  cv::resize(cut(rgb, wanted), crop, {side, side}, 0, 0, filter);
  return crop;
}

cv::Mat aligned_crop(const cv::Mat& rgb, cv::Mat to_crop, int side) {
  // A warp looks at the nearest pixels only, so a face larger than the crop is shrunk over areas first.
  const double scale = std::hypot(to_crop.at<double>(0, 0), to_crop.at<double>(1, 0));
  cv::Mat source = rgb;
  if (scale < 1) {
    cv::Mat to_image;
    cv::invertAffineTransform(to_crop, to_image);
    const std::vector<cv::Point2f> corners = {{0, 0},
                                              cv::Point2f(cv::Size(side, 0)),
                                              cv::Point2f(cv::Size(0, side)),
                                              cv::Point2f(cv::Size(side, side))};
    std::vector<cv::Point2f> outline;
    cv::transform(corners, outline, to_image);
    const cv::Rect2f around = cv::boundingRect(outline);
    const cv::Rect wanted = rounded(around, rgb.size());
    const cv::Mat piece = cut(rgb, wanted);
    const cv::Size shrunk(std::max(1, static_cast<int>(std::lround(piece.cols * scale))),
                          std::max(1, static_cast<int>(std::lround(piece.rows * scale))));
    cv::resize(piece, source, shrunk, 0, 0, cv::INTER_AREA);
    const cv::Matx33d to_rgb(static_cast<double>(piece.cols) / shrunk.width, 0, wanted.x, 0,
                             static_cast<double>(piece.rows) / shrunk.height, wanted.y, 0, 0, 1);
    to_crop = to_crop * cv::Mat(to_rgb);
  }
  // OpenCV counts from the first pixel's middle, the transform from its edge.
  const cv::Matx33d half(1, 0, 0.5, 0, 1, 0.5, 0, 0, 1);
  to_crop = to_crop * cv::Mat(half);
  to_crop.col(2) -= 0.5;
  cv::Mat crop;
  cv::warpAffine(source, crop, to_crop, {side, side}, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return crop;
}

}  // namespace

std::string_view name_of(FaceTarget target) { return kTargets.at(static_cast<std::size_t>(target)); }

FaceTarget face_target(std::string_view name) {
  const auto found = std::ranges::find(kTargets, name);
  if (found == kTargets.end()) {
    const std::vector<std::string> names(kTargets.begin(), kTargets.end());
    throw usage_error("no face target is called '{}'{} (known: {})", name, did_you_mean(name, names),
                      join(names, ", "));
  }
  return static_cast<FaceTarget>(found - kTargets.begin());
}

FaceDetectorOptions detector_options(const Preprocessing& preprocessing) {
  return {.min_size = preprocessing.min_face, .min_score = preprocessing.min_score};
}

std::vector<std::size_t> choose_faces(std::span<const FaceDetection> faces, cv::Size image,
                                      FaceTarget target) {
  std::vector<std::size_t> all(faces.size());
  std::iota(all.begin(), all.end(), 0U);
  if (faces.empty() || target == FaceTarget::all) return all;
  const cv::Point2f image_middle(static_cast<float>(image.width) / 2, static_cast<float>(image.height) / 2);
  const auto better_by = [&](std::size_t face) {
    const cv::Rect2f& box = faces[face].box;
    if (target == FaceTarget::largest) return -static_cast<double>(box.area());
    return cv::norm(middle(box) - image_middle);
  };
  return {*std::ranges::min_element(all, {}, better_by)};
}

cv::Rect2f crop_rectangle(const cv::Rect2f& box, const Preprocessing& preprocessing) {
  cv::Size2f size(std::max(box.width, 1.0F), std::max(box.height, 1.0F));
  if (preprocessing.square) size = {std::max(size.width, size.height), std::max(size.width, size.height)};
  size *= 1.0F + 2.0F * preprocessing.margin;
  return {{box.x + (box.width - size.width) / 2, box.y + (box.height - size.height) / 2}, size};
}

cv::Mat face_crop(const cv::Mat& rgb, const FaceDetection& face, const Preprocessing& preprocessing) {
  cv::Mat to_crop;
  if (preprocessing.align) to_crop = alignment(face.landmarks, preprocessing);
  cv::Mat crop = to_crop.empty() ? upright_crop(rgb, face.box, preprocessing)
                                 : aligned_crop(rgb, to_crop, preprocessing.size);
  if (preprocessing.grey) {
    cv::cvtColor(crop, crop, cv::COLOR_RGB2GRAY);
    cv::cvtColor(crop, crop, cv::COLOR_GRAY2RGB);
  }
  return crop;
}

}  // namespace fer
