#include "fer/vision/augment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

namespace fer {
namespace {

double around_one(double largest, Rng& rng) { return 1.0 + rng.uniform(-largest, largest); }

/// Flip, shift, scale and rotation about the centre, as the one matrix that maps the crop to its new place.
cv::Matx23d random_geometry(int side, const AugmentOptions& options, Rng& rng) {
  const double mirror = rng.chance(options.flip) ? -1.0 : 1.0;
  const double scale = around_one(options.scale, rng);
  const double angle = rng.uniform(-options.rotate, options.rotate) * std::numbers::pi / 180.0;
  const double centre = (side - 1) / 2.0;
  const double x = centre + rng.uniform(-options.shift, options.shift) * side;
  const double y = centre + rng.uniform(-options.shift, options.shift) * side;
  const double cos = scale * std::cos(angle);
  const double sin = scale * std::sin(angle);
  return {mirror * cos, -sin, x - centre * (mirror * cos - sin),  //
          mirror * sin, cos,  y - centre * (mirror * sin + cos)};
}

/// Saturation, contrast about mid-grey and brightness are all linear in RGB: one 3x4 matrix.
cv::Matx34d random_colour(const AugmentOptions& options, Rng& rng) {
  constexpr std::array<double, 3> kLuma = {0.299, 0.587, 0.114};
  const double saturation = around_one(options.colour, rng);
  const double contrast = around_one(options.contrast, rng);
  const double brightness = around_one(options.brightness, rng);
  cv::Matx34d matrix;
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column) {
      const double mixed =
          (1 - saturation) * kLuma[static_cast<std::size_t>(column)] + (row == column ? saturation : 0);
      matrix(row, column) = brightness * contrast * mixed;
    }
    matrix(row, 3) = brightness * (1 - contrast) * 127.5;
  }
  return matrix;
}

void add_noise(cv::Mat& image, Rng& rng) {
  const double sigma = rng.uniform(2, 12);
  cv::Mat noise(image.size(), CV_16SC3);
  cv::RNG source(rng.next());
  source.fill(noise, cv::RNG::NORMAL, 0, sigma);
  cv::add(image, noise, image, cv::noArray(), CV_8U);
}

void erase_rectangle(cv::Mat& image, Rng& rng) {
  const double area = rng.uniform(0.02, 0.15) * image.cols * image.rows;
  const double aspect = std::exp(rng.uniform(std::log(0.3), std::log(3.3)));
  const int width = std::clamp(static_cast<int>(std::sqrt(area * aspect)), 1, image.cols);
  const int height = std::clamp(static_cast<int>(std::sqrt(area / aspect)), 1, image.rows);
  const int x = static_cast<int>(rng.below(static_cast<std::size_t>(image.cols - width + 1)));
  const int y = static_cast<int>(rng.below(static_cast<std::size_t>(image.rows - height + 1)));
  cv::Mat patch = image(cv::Rect(x, y, width, height));
  cv::RNG source(rng.next());
  source.fill(patch, cv::RNG::UNIFORM, 0, 256);
}

}  // namespace

cv::Mat augment(const cv::Mat& crop, const AugmentOptions& options, Rng& rng) {
  cv::Mat image;
  cv::warpAffine(crop, image, random_geometry(crop.cols, options, rng), crop.size(), cv::INTER_LINEAR,
                 cv::BORDER_REPLICATE);
  if (options.brightness > 0 || options.contrast > 0 || options.colour > 0) {
    cv::transform(image, image, random_colour(options, rng));
  }
  if (rng.chance(options.blur)) {
    const double sigma = rng.uniform(0.5, 1.5) * crop.cols / 100.0;
    cv::GaussianBlur(image, image, {}, sigma);
  }
  if (rng.chance(options.noise)) add_noise(image, rng);
  if (rng.chance(options.erase)) erase_rectangle(image, rng);
  return image;
}

}  // namespace fer
