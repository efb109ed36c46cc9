#include "fer/data/look_alike.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace fer {
namespace {

constexpr int kHashSide = 8;
constexpr int kDctSide = 32;
constexpr int kPatch = 4;
constexpr std::size_t kPixels = kMiniatureSide * kMiniatureSide;

using Miniature = std::array<std::uint8_t, kPixels>;

cv::Mat shrunk(const cv::Mat& grey, int side) {
  const bool shrinks = grey.cols > side || grey.rows > side;
  cv::Mat result;
  cv::resize(grey, result, {side, side}, 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
  return result;
}

std::uint64_t hash_of(const cv::Mat& grey) {
  cv::Mat frequencies;
  shrunk(grey, kDctSide).convertTo(frequencies, CV_32F);
  cv::dct(frequencies, frequencies);
  std::array<float, kHashSide * kHashSide> low{};
  for (int y = 0; y < kHashSide; ++y)
    std::copy_n(frequencies.ptr<float>(y), kHashSide, &low[static_cast<std::size_t>(y * kHashSide)]);
  low[0] = 0;  // the mean, which says nothing
  auto sorted = low;
  std::ranges::nth_element(sorted, sorted.begin() + sorted.size() / 2);
  const float median = sorted[sorted.size() / 2];
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < low.size(); ++i) hash |= static_cast<std::uint64_t>(low[i] > median) << i;
  return hash;
}

using Histogram = std::array<int, 256>;
using Levels = std::array<float, 256>;

Histogram histogram(const Miniature& miniature) {
  Histogram counts{};
  for (const std::uint8_t value : miniature) ++counts[value];
  return counts;
}

/// For each grey value of `from` the mean of what `to` has at the same ranks.
Levels matched_levels(const Miniature& from, const Miniature& to) {
  const Histogram counts = histogram(from);
  Histogram left = histogram(to);
  Levels levels{};
  std::size_t target = 0;
  for (std::size_t value = 0; value < levels.size(); ++value) {
    int sum = 0;
    for (int missing = counts[value]; missing > 0;) {
      const int taken = std::min(missing, left[target]);
      sum += taken * static_cast<int>(target);
      missing -= taken;
      left[target] -= taken;
      if (left[target] == 0) ++target;
    }
    if (counts[value] > 0) levels[value] = static_cast<float>(sum) / static_cast<float>(counts[value]);
  }
  return levels;
}

float variance(const Miniature& miniature) {
  double sum = 0;
  double squares = 0;
  for (const double value : miniature) {
    sum += value;
    squares += value * value;
  }
  const double mean = sum / kPixels;
  return static_cast<float>(squares / kPixels - mean * mean);
}

/// The largest mean over kPatch x kPatch neighbours.
float largest_patch_mean(const std::array<float, kPixels>& values) {
  float largest = 0;
  std::array<float, kMiniatureSide> columns{};
  for (std::size_t y = 0; y < kMiniatureSide; ++y) {
    for (std::size_t x = 0; x < kMiniatureSide; ++x) {
      columns[x] += values[y * kMiniatureSide + x];
      if (y >= kPatch) columns[x] -= values[(y - kPatch) * kMiniatureSide + x];
    }
    if (y + 1 < kPatch) continue;
    for (std::size_t x = 0; x + kPatch <= kMiniatureSide; ++x)
      largest = std::max(largest, columns[x] + columns[x + 1] + columns[x + 2] + columns[x + 3]);
  }
  return largest / (kPatch * kPatch);
}

/// With the grey values of `from` changed to those of `to`.
double matched_difference(const Miniature& from, const Miniature& to) {
  const Levels levels = matched_levels(from, to);
  std::array<float, kPixels> squares{};
  for (std::size_t i = 0; i < kPixels; ++i) {
    const float rest = static_cast<float>(to[i]) - levels[from[i]];
    squares[i] = rest * rest;
  }
  constexpr float kRounding = 1.0F / 12;  // variance of what whole grey values lose
  return std::sqrt(largest_patch_mean(squares) / std::max(variance(to), kRounding));
}

}  // namespace

Look look_of(const cv::Mat& rgb) {
  cv::Mat grey;
  cv::cvtColor(rgb, grey, cv::COLOR_RGB2GRAY);
  Look look{.hash = hash_of(grey)};
  constexpr double kSmoothing = 0.6;  // pixels: hides how an image was resized
  cv::Mat miniature(kMiniatureSide, kMiniatureSide, CV_8U, look.miniature.data());
  cv::GaussianBlur(shrunk(grey, kMiniatureSide), miniature, {}, kSmoothing);
  return look;
}

double difference(const Look& a, const Look& b) {
  // The smaller one: where brightening cut values off, only one direction is possible.
  return std::min(matched_difference(a.miniature, b.miniature), matched_difference(b.miniature, a.miniature));
}

}  // namespace fer
