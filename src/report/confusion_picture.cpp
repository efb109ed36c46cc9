#include "fer/report/confusion_picture.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "canvas.hpp"
#include "fer/core/error.hpp"

namespace fer {
namespace {

constexpr double kTop = 92;
constexpr double kRight = 92;  // the key
constexpr double kBottom = 24;

constexpr TextStyle kName{.size = 13};

/// White to dark blue, evenly darker: readable in grey and by colour-blind readers.
Colour blue(double share) {
  constexpr Colour kStops[] = {{250, 252, 255}, {140, 185, 222}, {43, 110, 178}, {10, 45, 105}};
  const double at = share * 3;
  const int stop = std::min(static_cast<int>(at), 2);
  const auto& [low, high] = std::pair(kStops[stop], kStops[stop + 1]);
  return {.red = std::lerp(low.red, high.red, at - stop),
          .green = std::lerp(low.green, high.green, at - stop),
          .blue = std::lerp(low.blue, high.blue, at - stop)};
}

/// A cell's side: as wide as the longest class name needs, within bounds.
double cell_side(const ClassList& classes) {
  double longest = 0;
  for (const std::string& name : classes.names()) longest = std::max(longest, text_width(name, kName));
  return std::clamp(longest + 12, 66.0, 120.0);
}

void draw_cell(Canvas& canvas, const cv::Rect2d& cell, std::int64_t count, std::int64_t row_sum) {
  const double share = row_sum == 0 ? 0 : static_cast<double>(count) / static_cast<double>(row_sum);
  canvas.fill(cell, blue(share));
  const cv::Point2d centre = (cell.tl() + cell.br()) / 2;
  const double room = cell.width - 10;
  const Colour ink = share > 0.45 ? kPaper : count == 0 ? kFaintInk : kInk;
  canvas.text(std::to_string(count), centre - cv::Point2d{0, 9},
              {.size = 16, .colour = ink, .align = Align::centre, .bold = count > 0, .max_width = room});
  canvas.text(row_sum == 0 ? "-" : fmt::format("{:.1f} %", 100 * share), centre + cv::Point2d{0, 14},
              {.size = 10.5, .colour = ink, .align = Align::centre, .max_width = room});
}

void draw_key(Canvas& canvas, double left, double height) {
  constexpr int kSteps = 100;
  constexpr double kWidth = 12;
  for (int step = 0; step < kSteps; ++step) {
    const double top = kTop + height * (kSteps - 1 - step) / kSteps;
    canvas.fill({left, top, kWidth, height / kSteps}, blue((step + 0.5) / kSteps));
  }
  for (int percent = 0; percent <= 100; percent += 25) {
    canvas.text(fmt::format("{} %", percent), {left + kWidth + 6, kTop + height * (100 - percent) / 100},
                {.size = 10.5, .colour = kFaintInk});
  }
}

}  // namespace

cv::Mat draw_confusion(const Confusion& confusion, const ClassList& classes, const std::string& title) {
  if (confusion.size() != static_cast<std::size_t>(classes.size())) {
    throw failure("a confusion matrix of {} classes cannot be drawn under {} class names", confusion.size(),
                  classes.size());
  }
  const double cell = cell_side(classes);
  const double left = cell + 40;
  const double side = cell * classes.size();
  const double width = left + side + kRight;
  Canvas canvas(width, kTop + side + kBottom);
  canvas.text(title, {16, 24}, {.size = 16, .bold = true, .max_width = width - 32});
  canvas.text("predicted", {left + side / 2, 54}, {.size = 11, .colour = kFaintInk, .align = Align::centre});
  canvas.text("label", {left - 12, kTop - 16}, {.size = 11, .colour = kFaintInk, .align = Align::right});

  for (int row = 0; row < classes.size(); ++row) {
    const auto& counts = confusion[static_cast<std::size_t>(row)];
    const auto sum = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
    const double middle = kTop + cell * (row + 0.5);
    canvas.text(classes.name(row), {left - 12, middle - 8},
                {.size = kName.size, .align = Align::right, .max_width = left - 24});
    canvas.text(fmt::format("n = {}", sum), {left - 12, middle + 12},
                {.size = 10.5, .colour = kFaintInk, .align = Align::right});
    canvas.text(classes.name(row), {left + cell * (row + 0.5), kTop - 16},
                {.size = kName.size, .align = Align::centre, .max_width = cell - 8});
    for (int column = 0; column < classes.size(); ++column) {
      const cv::Rect2d area{left + cell * column + 0.5, kTop + cell * row + 0.5, cell - 1, cell - 1};
      draw_cell(canvas, area, counts[static_cast<std::size_t>(column)], sum);
    }
  }
  draw_key(canvas, left + side + 16, side);
  return canvas.picture();
}

}  // namespace fer
