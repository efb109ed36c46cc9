#include "fer/vision/augment.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "fer/core/error.hpp"

namespace fer {
namespace {

/// Amounts of a change that happens as a whole or not at all (0). All are drawn in either case: no change
/// moves the numbers of those after it.
template <std::size_t count>
std::array<double, count> amounts(const Change& change, Rng& rng) {
  const bool happens = rng.chance(change.p);
  std::array<double, count> drawn;
  for (double& amount : drawn) {
    const double value = rng.uniform(-change.max, change.max);
    amount = happens ? value : 0.0;
  }
  return drawn;
}

double either_way(const Change& change, Rng& rng) { return amounts<1>(change, rng)[0]; }

double one_way(const Change& change, Rng& rng) { return std::abs(either_way(change, rng)); }

// Geometry: matrices that map the crop to its new place, in pixels from the centre.

cv::Matx33d shifted(double x, double y) { return {1, 0, x, 0, 1, y, 0, 0, 1}; }

cv::Matx33d stretched(double x, double y) { return {x, 0, 0, 0, y, 0, 0, 0, 1}; }

cv::Matx33d rotated(double degrees) {
  const double angle = degrees * std::numbers::pi / 180.0;
  return {std::cos(angle), -std::sin(angle), 0, std::sin(angle), std::cos(angle), 0, 0, 0, 1};
}

/// The crop with each edge moved, where moved edges come to lie where the old ones were.
cv::Matx33d cropped(const std::array<double, 4>& edges, int side) {
  const auto& [left, top, right, bottom] = edges;
  return stretched(1 / (1 + right - left), 1 / (1 + bottom - top)) *
         shifted(-side * (left + right) / 2, -side * (top + bottom) / 2);
}

/// The least bent corner's area: 1 for a square of side 1, at most 0 where a shape is no longer convex.
double least_turn(const std::array<cv::Point2f, 4>& corners) {
  double least = 1;
  for (std::size_t i = 0; i < 4; ++i) {
    const cv::Point2f in = corners[(i + 1) % 4] - corners[i];
    const cv::Point2f out = corners[(i + 2) % 4] - corners[(i + 1) % 4];
    least = std::min(least, in.cross(out));
  }
  return least;
}

/// The crop with each corner moved; moves that would fold it or nearly so are halved.
cv::Matx33d tilted(std::array<double, 8> moves, int side) {
  if (moves == std::array<double, 8>{}) return cv::Matx33d::eye();
  const std::array<cv::Point2f, 4> square = {{{-0.5F, -0.5F}, {0.5F, -0.5F}, {0.5F, 0.5F}, {-0.5F, 0.5F}}};
  std::array<cv::Point2f, 4> corners;
  for (;;) {
    for (std::size_t i = 0; i < 4; ++i)
      corners[i] = square[i] + cv::Point2f(cv::Point2d(moves[2 * i], moves[2 * i + 1]));
    if (least_turn(corners) >= 0.3) break;
    for (double& move : moves) move /= 2;
  }
  const cv::Matx33d unit = cv::getPerspectiveTransform(square.data(), corners.data());
  return stretched(side, side) * unit * stretched(1.0 / side, 1.0 / side);
}

cv::Matx33d random_geometry(int side, const AugmentOptions& options, Rng& rng) {
  const double mirror = rng.chance(options.flip) ? -1.0 : 1.0;
  const auto shift = amounts<2>(options.shift, rng);
  const double scale = 1 + either_way(options.scale, rng);
  const double angle = either_way(options.rotate, rng);
  const auto edges = amounts<4>(options.crop_jitter, rng);
  const auto corners = amounts<8>(options.perspective, rng);
  return tilted(corners, side) * cropped(edges, side) * rotated(angle) * stretched(scale, scale) *
         shifted(side * shift[0], side * shift[1]) * stretched(mirror, 1);
}

/// Always a copy. Beyond the crop its edge is repeated, as face_crop does beyond an image.
cv::Mat warped(const cv::Mat& crop, const cv::Matx33d& geometry) {
  if (geometry == cv::Matx33d::eye()) return crop.clone();
  const double centre = (crop.cols - 1) / 2.0;
  const cv::Matx33d matrix = shifted(centre, centre) * geometry * shifted(-centre, -centre);
  cv::Mat image;
  if (matrix(2, 0) == 0 && matrix(2, 1) == 0) {
    cv::warpAffine(crop, image, matrix.get_minor<2, 3>(0, 0), crop.size(), cv::INTER_LINEAR,
                   cv::BORDER_REPLICATE);
  } else {
    cv::warpPerspective(crop, image, matrix, crop.size(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  }
  return image;
}

// Colour: brightness, contrast, saturation and its loss are all linear in RGB.

cv::Matx44d brighter(double factor) { return cv::Matx44d::diag({factor, factor, factor, 1}); }

cv::Matx44d contrasted(double factor) {
  cv::Matx44d matrix = brighter(factor);
  for (int row = 0; row < 3; ++row) matrix(row, 3) = (1 - factor) * 127.5;
  return matrix;
}

cv::Matx44d saturated(double factor) {
  constexpr std::array<double, 3> kLuma = {0.299, 0.587, 0.114};
  cv::Matx44d matrix = brighter(factor);
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column)
      matrix(row, column) += (1 - factor) * kLuma[static_cast<std::size_t>(column)];
  }
  return matrix;
}

void change_colour(cv::Mat& image, const AugmentOptions& options, Rng& rng) {
  const double brightness = 1 + either_way(options.brightness, rng);
  const double contrast = 1 + either_way(options.contrast, rng);
  double saturation = 1 + either_way(options.colour, rng);
  if (rng.chance(options.grey)) saturation = 0;  // before the light: it is the same on all three channels
  const cv::Matx44d matrix = saturated(saturation) * contrasted(contrast) * brighter(brightness);
  if (matrix != cv::Matx44d::eye()) cv::transform(image, image, matrix.get_minor<3, 4>(0, 0));
}

/// Brightness times 1 - amount / 2 at one end, growing evenly to 1 + amount / 2 at the other.
void change_light(cv::Mat& image, const Change& light, Rng& rng) {
  const double amount = one_way(light, rng);
  const double direction = rng.uniform(0, 2 * std::numbers::pi);
  if (amount == 0) return;
  constexpr int kBits = 14;
  constexpr int kOne = 1 << kBits;
  const double x = std::cos(direction);
  const double y = std::sin(direction);
  const double step = kOne * amount / ((std::abs(x) + std::abs(y)) * image.cols);
  const double centre = (image.cols - 1) / 2.0;
  std::vector<int> across(static_cast<std::size_t>(image.cols) * 3);  // a gain for each value of a row
  for (std::size_t i = 0; i < across.size(); ++i) {
    const std::size_t column = i / 3;
    across[i] = static_cast<int>(std::lround(kOne + step * x * (static_cast<double>(column) - centre)));
  }
  for (int row = 0; row < image.rows; ++row) {
    const int down = static_cast<int>(std::lround(step * y * (row - centre)));
    std::uint8_t* values = image.ptr<std::uint8_t>(row);
    for (std::size_t i = 0; i < across.size(); ++i)
      values[i] = cv::saturate_cast<std::uint8_t>((values[i] * (across[i] + down) + kOne / 2) >> kBits);
  }
}

void blur(cv::Mat& image, const Change& change, Rng& rng) {
  const double sigma = one_way(change, rng) * image.cols / 100.0;
  if (sigma > 0) cv::GaussianBlur(image, image, {}, sigma);
}

void add_noise(cv::Mat& image, const Change& change, Rng& rng) {
  const double sigma = one_way(change, rng);
  cv::RNG source(rng.next());
  if (sigma == 0) return;
  cv::Mat noise(image.size(), CV_16SC3);
  source.fill(noise, cv::RNG::NORMAL, 0, sigma);
  cv::add(image, noise, image, cv::noArray(), CV_8U);
}

void lower_resolution(cv::Mat& image, const Change& change, Rng& rng) {
  const double left = image.cols * (1 - one_way(change, rng));
  const int side = std::max(1, static_cast<int>(std::lround(left)));
  if (side >= image.cols) return;
  cv::Mat small;
  cv::resize(image, small, {side, side}, 0, 0, cv::INTER_AREA);
  cv::resize(small, image, image.size(), 0, 0, cv::INTER_LINEAR);
}

void compress(cv::Mat& image, const Change& change, Rng& rng) {
  const double amount = one_way(change, rng);
  if (amount == 0) return;
  cv::cvtColor(image, image, cv::COLOR_RGB2BGR);
  std::vector<std::uint8_t> encoded;
  cv::imencode(".jpg", image, encoded,
               {cv::IMWRITE_JPEG_QUALITY, static_cast<int>(std::lround(100 - amount))});
  cv::cvtColor(cv::imdecode(encoded, cv::IMREAD_COLOR), image, cv::COLOR_BGR2RGB);
}

/// Sides of 1 : 3.3 to 3.3 : 1, less where the rectangle would not fit.
void erase_rectangle(cv::Mat& image, const Change& change, Rng& rng) {
  const double share = one_way(change, rng);
  const double longest = std::log(std::min(3.3, 1 / share));
  const double stretch = std::exp(rng.uniform(-longest, longest) / 2);
  const int width = static_cast<int>(image.cols * std::sqrt(share) * stretch);
  const int height = static_cast<int>(image.rows * std::sqrt(share) / stretch);
  const int x = static_cast<int>(rng.below(static_cast<std::size_t>(image.cols - width + 1)));
  const int y = static_cast<int>(rng.below(static_cast<std::size_t>(image.rows - height + 1)));
  cv::RNG source(rng.next());
  if (width == 0 || height == 0) return;
  cv::Mat patch = image(cv::Rect(x, y, width, height));
  source.fill(patch, cv::RNG::UNIFORM, 0, 256);
}

}  // namespace

cv::Mat augment(const cv::Mat& crop, const AugmentOptions& options, Rng& rng) {
  if (crop.empty() || crop.type() != CV_8UC3 || crop.rows != crop.cols)
    throw failure("a crop to augment must be an RGB square of 8 bits, got {} x {}", crop.cols, crop.rows);
  cv::Mat image = warped(crop, random_geometry(crop.cols, options, rng));
  change_colour(image, options, rng);
  change_light(image, options.light, rng);
  blur(image, options.blur, rng);
  add_noise(image, options.noise, rng);
  lower_resolution(image, options.low_resolution, rng);
  compress(image, options.jpeg, rng);
  erase_rectangle(image, options.erase, rng);
  return image;
}

}  // namespace fer
