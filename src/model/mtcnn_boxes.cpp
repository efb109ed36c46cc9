#include "mtcnn_boxes.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "fer/vision/boxes.hpp"

namespace fer {
namespace {

constexpr double kWindow = 12;
constexpr double kScaleFactor = 0.709;
constexpr float kMaxLevelOverlap = 0.5F;

// A window is 11 / scale pixels wide and k cells further lies 2 k / scale pixels further, both off by one at
// most for rounding. Sharing more than half their union, two windows lie less than a third of a width apart:
// k < 11 / 6 + 2 / 3 scale.
constexpr int kReach = 2;

}  // namespace

std::vector<PyramidLevel> pyramid_levels(cv::Size image, double min_face) {
  std::vector<PyramidLevel> levels;
  double scale = kWindow / min_face;
  double shorter = std::min(image.width, image.height) * scale;
  for (; shorter >= kWindow; scale *= kScaleFactor, shorter *= kScaleFactor) {
    const auto scaled = [scale](int length) { return static_cast<int>(length * scale + 1); };
    levels.push_back({.scale = scale, .size = {scaled(image.width), scaled(image.height)}});
  }
  return levels;
}

Edges window_of(const Cell& cell, double scale) {
  const auto edge = [scale](int cells, int offset) {
    return std::floor(static_cast<float>(2 * cells + offset) / static_cast<float>(scale));
  };
  return {.left = edge(cell.column, 1),
          .top = edge(cell.row, 1),
          .right = edge(cell.column, 12),
          .bottom = edge(cell.row, 12)};
}

std::vector<Cell> suppress_cells(const std::vector<Cell>& cells, const PyramidLevel& level) {
  std::vector<Cell> order = cells;
  std::ranges::stable_sort(order, std::greater{}, &Cell::score);
  cv::Mat1b taken(level.size.height / 2 + 1 + 2 * kReach, level.size.width / 2 + 1 + 2 * kReach, uchar{0});
  const auto covered = [&](const Cell& cell) {
    const cv::Rect2f box = window_of(cell, level.scale).rect();
    for (int row = -kReach; row <= kReach; ++row) {
      for (int column = -kReach; column <= kReach; ++column) {
        if (taken(cell.row + row + kReach, cell.column + column + kReach) == 0) continue;
        const Cell other{.column = cell.column + column, .row = cell.row + row, .score = 0, .shift = {}};
        if (overlap(window_of(other, level.scale).rect(), box) > kMaxLevelOverlap) return true;
      }
    }
    return false;
  };
  std::vector<Cell> kept;
  for (const Cell& cell : order) {
    if (covered(cell)) continue;
    taken(cell.row + kReach, cell.column + kReach) = 1;
    kept.push_back(cell);
  }
  return kept;
}

Edges shifted(const Edges& box, const Shift& shift, float extra) {
  const float width = box.width() + extra;
  const float height = box.height() + extra;
  return {.left = box.left + shift.left * width,
          .top = box.top + shift.top * height,
          .right = box.right + shift.right * width,
          .bottom = box.bottom + shift.bottom * height};
}

Edges squared(const Edges& box) {
  const float side = std::max(box.width(), box.height());
  const float left = box.left + box.width() * 0.5F - side * 0.5F;
  const float top = box.top + box.height() * 0.5F - side * 0.5F;
  return {.left = left, .top = top, .right = left + side, .bottom = top + side};
}

cv::Rect pixels_of(const Edges& box, cv::Size image) {
  const float left = std::max(std::trunc(box.left), 1.0F) - 1;
  const float top = std::max(std::trunc(box.top), 1.0F) - 1;
  const float right = std::min(std::trunc(box.right), static_cast<float>(image.width));
  const float bottom = std::min(std::trunc(box.bottom), static_cast<float>(image.height));
  // Not the other way round: made-up weights give boxes that are no numbers.
  if (!(left < right && top < bottom)) return {};
  return {cv::Point(static_cast<int>(left), static_cast<int>(top)),
          cv::Point(static_cast<int>(right), static_cast<int>(bottom))};
}

}  // namespace fer
