#include "inspection_image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/vision/image.hpp"

namespace fer {
namespace {

bool is_grey(const cv::Mat& rgb) {
  std::size_t sum = 0;
  for (int y = 0; y < rgb.rows; ++y) {
    const auto* pixel = rgb.ptr<cv::Vec3b>(y);
    for (int x = 0; x < rgb.cols; ++x) {
      const auto [low, high] = std::minmax({pixel[x][0], pixel[x][1], pixel[x][2]});
      sum += static_cast<std::size_t>(high - low);
    }
  }
  return static_cast<double>(sum) < kGreySpread * static_cast<double>(rgb.total());
}

double deviation_of_grey(const cv::Mat& rgb) {
  cv::Mat grey;
  cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(grey, mean, deviation);
  return deviation[0];
}

std::string digest_of(const cv::Mat& rgb) {
  const cv::Mat pixels = rgb.isContinuous() ? rgb : rgb.clone();
  return fmt::format(
      "{}x{} {}", rgb.cols, rgb.rows,
      sha256({reinterpret_cast<const char*>(pixels.data), pixels.total() * pixels.elemSize()}));
}

FaceFinds finds_in(const cv::Mat& rgb, FaceDetector& detector) {
  const std::vector<FaceDetection> faces = detector.detect(rgb);
  return {.faces = static_cast<int>(faces.size()), .largest = faces.empty() ? cv::Rect2f() : faces[0].box};
}

ImageFacts unusable(ProblemKind problem, std::string detail, cv::Size size = {}) {
  return {.problem = problem, .detail = std::move(detail), .size = size};
}

/// What an error says of the file, without the path in front.
std::string detail_of(const Error& error, const std::string& path) {
  const std::string text = error.what();
  const std::string prefix = path + ": ";
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

}  // namespace

ImageFacts facts_of(const Sample& sample, std::span<const std::unique_ptr<FaceDetector>> detectors) {
  cv::Mat rgb;
  try {
    const bool in_list = !sample.pixels.empty();
    const std::string bytes = in_list ? std::string() : read_file(sample.path);
    if (is_truncated(bytes)) return unusable(ProblemKind::truncated, "ends too early");
    rgb = in_list ? load_image(sample) : decode_image(bytes, sample.path);
  } catch (const Error& error) {
    return unusable(ProblemKind::unreadable, detail_of(error, sample.path));
  }
  const double deviation = deviation_of_grey(rgb);
  if (deviation < kBlankDeviation) {
    ImageFacts blank = unusable(ProblemKind::blank, fmt::format("deviation {:.1f}", deviation), rgb.size());
    blank.grey = is_grey(rgb);
    return blank;
  }
  ImageFacts facts{.size = rgb.size(), .grey = is_grey(rgb), .digest = digest_of(rgb), .look = look_of(rgb)};
  for (const auto& detector : detectors) facts.faces.push_back(finds_in(rgb, *detector));
  return facts;
}

}  // namespace fer
