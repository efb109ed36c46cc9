#include "fer/vision/image_quality.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace fer {
namespace {

constexpr int kComparedSide = 64;

struct Moments {
  double mean = 0;
  double deviation = 0;
};

Moments moments_of(const cv::Mat& values) {
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(values, mean, deviation);
  return {.mean = mean[0], .deviation = deviation[0]};
}

double sharpness_of(const cv::Mat& luma) {
  cv::Mat small = luma;
  const cv::Size size(std::min(luma.cols, kComparedSide), std::min(luma.rows, kComparedSide));
  if (size != luma.size()) cv::resize(luma, small, size, 0, 0, cv::INTER_AREA);
  const double contrast = moments_of(small).deviation;
  if (contrast == 0) return 0;
  cv::Mat edges;
  cv::Laplacian(small, edges, CV_32F);
  const double detail = moments_of(edges).deviation;
  return detail * detail / (contrast * contrast);
}

}  // namespace

ImageQuality image_quality(const cv::Mat& rgb) {
  cv::Mat luma;
  cv::cvtColor(rgb, luma, cv::COLOR_RGB2GRAY);
  const Moments moments = moments_of(luma);
  return {.brightness = moments.mean, .contrast = moments.deviation, .sharpness = sharpness_of(luma)};
}

}  // namespace fer
