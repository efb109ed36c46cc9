#include "synthetic_canvas.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "synthetic_mesh.hpp"

namespace fer::synthetic {
namespace {

constexpr float kTexel = 24;  // pixels per cm
constexpr float kPlain = 8;   // |x| up to which the scale is true; beyond, x is squeezed
constexpr float kSqueeze = 0.35F;
constexpr float kHalfWidth = 13.8F;
constexpr float kTop = -12;
constexpr float kBottom = 15.5F;
constexpr int kShift = 4;  // fractional bits of polygon corners

int to_8_bits(float value) { return cvRound(256 * value); }

}  // namespace

cv::Point2f texel(float x, float y) {
  const float squeezed =
      std::abs(x) <= kPlain ? x : std::copysign(kPlain + kSqueeze * (std::abs(x) - kPlain), x);
  return {(squeezed + kHalfWidth) * kTexel, (y - kTop) * kTexel};
}

Line smooth(const Line& points, int steps) {
  Line line;
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const cv::Point2f a = points[i == 0 ? 0 : i - 1];
    const cv::Point2f b = points[i];
    const cv::Point2f c = points[i + 1];
    const cv::Point2f d = points[std::min(i + 2, points.size() - 1)];
    for (int k = 0; k < steps; ++k) {
      const float t = static_cast<float>(k) / static_cast<float>(steps);
      line.push_back((b * 2 + (c - a) * t + (a * 2 - b * 5 + c * 4 - d) * (t * t) +
                      (b * 3 - a - c * 3 + d) * (t * t * t)) *
                     0.5F);
    }
  }
  line.push_back(points.back());
  return line;
}

Canvas::Canvas(const cv::Vec3f& colour)
    : image_(cvCeil((kBottom - kTop) * kTexel), cvCeil(2 * kHalfWidth * kTexel), CV_8UC3,
             cv::Scalar(to_pixel(colour))) {}

cv::Rect Canvas::area(const Line& points, float margin) const {
  float left = 1e9F, right = -1e9F, top = 1e9F, bottom = -1e9F;
  for (const cv::Point2f& point : points) {
    const cv::Point2f at = texel(point.x, point.y);
    left = std::min(left, at.x);
    right = std::max(right, at.x);
    top = std::min(top, at.y);
    bottom = std::max(bottom, at.y);
  }
  margin = margin * kTexel + 2;
  return cv::Rect(cv::Point(cvFloor(left - margin), cvFloor(top - margin)),
                  cv::Point(cvCeil(right + margin), cvCeil(bottom + margin))) &
         cv::Rect({}, image_.size());
}

cv::Mat Canvas::mask(const Line& outline, cv::Rect area, float feather) const {
  cv::Mat mask(area.size(), CV_8U, cv::Scalar(0));
  std::vector<cv::Point> corners;
  for (const cv::Point2f& point : outline) {
    const cv::Point2f at = texel(point.x, point.y) - cv::Point2f(area.tl());
    corners.emplace_back(cvRound(at.x * (1 << kShift)), cvRound(at.y * (1 << kShift)));
  }
  cv::fillPoly(mask, std::vector<std::vector<cv::Point>>{corners}, cv::Scalar(255), cv::LINE_AA, kShift);
  if (feather > 0) cv::GaussianBlur(mask, mask, {0, 0}, feather * kTexel);
  return mask;
}

void Canvas::blend(cv::Rect area, const cv::Mat& mask, const Ink& ink) {
  const int alpha = to_8_bits(std::clamp(ink.alpha, 0.0F, 1.0F));
  const cv::Vec3b colour = to_pixel(ink.colour);
  for (int y = 0; y < area.height; ++y) {
    const auto* shares = mask.ptr<std::uint8_t>(y);
    auto* pixels = image_.ptr<cv::Vec3b>(area.y + y) + area.x;
    for (int x = 0; x < area.width; ++x) {
      const int share = shares[x] * alpha;  // of 255 * 256
      if (share == 0) continue;
      for (int c = 0; c < 3; ++c) {
        pixels[x][c] =
            static_cast<std::uint8_t>(pixels[x][c] + (colour[c] - pixels[x][c]) * share / (255 * 256));
      }
    }
  }
}

void Canvas::fill(const Line& outline, const Ink& ink) {
  const cv::Rect where = area(outline, 3 * ink.feather);
  if (!where.empty()) blend(where, mask(outline, where, ink.feather), ink);
}

void Canvas::fill_within(const Line& clip, const Line& outline, const Ink& ink) {
  const cv::Rect where = area(clip, 0);
  if (where.empty()) return;
  cv::Mat both;
  cv::multiply(mask(outline, where, ink.feather), mask(clip, where, 0), both, 1.0 / 255);
  blend(where, both, ink);
}

void Canvas::stroke(const Line& line, float width, const Ink& ink) {
  const cv::Rect where = area(line, width + 3 * ink.feather);
  if (where.empty()) return;
  cv::Mat mask(where.size(), CV_8U, cv::Scalar(0));
  std::vector<cv::Point> points;
  for (const cv::Point2f& point : line) {
    const cv::Point2f at = texel(point.x, point.y) - cv::Point2f(where.tl());
    points.emplace_back(cvRound(at.x * (1 << kShift)), cvRound(at.y * (1 << kShift)));
  }
  cv::polylines(mask, std::vector<std::vector<cv::Point>>{points}, false, cv::Scalar(255),
                std::max(1, cvRound(width * kTexel)), cv::LINE_AA, kShift);
  if (ink.feather > 0) cv::GaussianBlur(mask, mask, {0, 0}, ink.feather * kTexel);
  blend(where, mask, ink);
}

void Canvas::glow(cv::Point2f centre, cv::Point2f sigma, const Ink& ink) {
  const cv::Rect where = area({centre - sigma * 2.5F, centre + sigma * 2.5F}, 0);
  if (where.empty()) return;
  const cv::Point2f middle = texel(centre.x, centre.y) - cv::Point2f(where.tl());
  const auto profile = [](int count, float at, float deviation) {
    std::vector<float> values;
    for (int i = 0; i < count; ++i) {
      const float d = (static_cast<float>(i) - at) / deviation;
      values.push_back(std::exp(-0.5F * d * d));
    }
    return values;
  };
  const auto across = profile(where.width, middle.x, sigma.x * kTexel);
  const auto down = profile(where.height, middle.y, sigma.y * kTexel);
  cv::Mat mask(where.size(), CV_8U);
  for (int y = 0; y < where.height; ++y) {
    auto* row = mask.ptr<std::uint8_t>(y);
    const float scale = 255 * down[static_cast<std::size_t>(y)];
    for (int x = 0; x < where.width; ++x) {
      row[x] = static_cast<std::uint8_t>(scale * across[static_cast<std::size_t>(x)]);
    }
  }
  blend(where, mask, ink);
}

void Canvas::lay(const Line& outline, const cv::Mat& texture, float alpha, float feather) {
  const cv::Rect where = area(outline, 3 * feather);
  if (where.empty()) return;
  const cv::Mat shares = mask(outline, where, feather);
  const int scale = to_8_bits(alpha);
  for (int y = 0; y < where.height; ++y) {
    const auto* share = shares.ptr<std::uint8_t>(y);
    const auto* from = texture.ptr<cv::Vec3b>(where.y + y) + where.x;
    auto* pixels = image_.ptr<cv::Vec3b>(where.y + y) + where.x;
    for (int x = 0; x < where.width; ++x) {
      for (int c = 0; c < 3; ++c) {
        pixels[x][c] = static_cast<std::uint8_t>(pixels[x][c] + (from[x][c] - pixels[x][c]) *
                                                                    (share[x] * scale) / (255 * 256));
      }
    }
  }
}

}  // namespace fer::synthetic
