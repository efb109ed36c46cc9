#include "fer/report/curves_picture.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "canvas.hpp"
#include "fer/core/error.hpp"

namespace fer {
namespace {

constexpr double kPlotWidth = 400;
constexpr double kPlotHeight = 280;
constexpr double kLeft = 56;
constexpr double kTop = 104;
constexpr double kName = kTop - 36;  // the line of a plot's name and legend
constexpr double kBottom = 56;
constexpr double kBetween = 72;
constexpr double kRight = 24;
constexpr int kMostDots = 40;  // epochs up to which each has a dot

// Blue and orange, told apart by colour-blind readers and, one dark and one light, in grey.
constexpr LineStyle kTrain{.colour = {240, 160, 50}, .width = 1.5};
constexpr LineStyle kVal{.colour = {0, 84, 159}, .width = 2};

using Member = double EpochResult::*;

struct Axis {
  double low;
  double high;
  double step;  // between ticks

  double share(double value) const { return (value - low) / (high - low); }
};

/// 1, 2 or 5 times a power of ten, the smallest that needs at most `ticks` steps for `range`.
double tick_step(double range, int ticks) {
  const double power = std::pow(10, std::floor(std::log10(range / ticks)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (range <= ticks * factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

Axis epoch_axis(std::span<const EpochResult> points) {
  const double first = points.front().epoch;
  const double last = points.back().epoch;
  const double margin = first == last ? 1 : 0;
  return {.low = first - margin,
          .high = last + margin,
          .step = std::max(1.0, tick_step(last - first + 2 * margin, 8))};
}

Axis loss_axis(std::span<const EpochResult> points) {
  double highest = 0;
  for (const EpochResult& point : points) {
    for (const double loss : {point.train_loss, point.val_loss}) {
      if (std::isfinite(loss)) highest = std::max(highest, loss);
    }
  }
  if (highest <= 0) highest = 1;
  const double step = tick_step(highest, 5);
  return {.low = 0, .high = step * std::ceil(highest / step - 1e-9), .step = step};
}

/// One plot: where it lies, its axes, and what it shows.
class Plot {
 public:
  Plot(Canvas& canvas, double left, Axis x, Axis y) : canvas_(canvas), left_(left), x_(x), y_(y) {}

  void frame(const std::string& name, double unit) {
    canvas_.text(name, {left_, kName}, {.size = 13, .bold = true});
    for (double y = y_.low; y < y_.high + y_.step / 2; y += y_.step) {
      const cv::Point2d at = place(x_.low, y);
      canvas_.line(at, at + cv::Point2d{kPlotWidth, 0}, {.colour = kRule});
      canvas_.text(fmt::format("{:g}", std::round(y * unit * 1e6) / 1e6), at - cv::Point2d{8, 0},
                   {.size = 11, .colour = kFaintInk, .align = Align::right});
    }
    for (double x = std::ceil(x_.low / x_.step) * x_.step; x < x_.high + x_.step * 1e-3; x += x_.step) {
      const cv::Point2d at = place(x, y_.low);
      canvas_.line(at, at + cv::Point2d{0, 5}, {.colour = kFaintInk});
      canvas_.text(fmt::format("{:g}", x), at + cv::Point2d{0, 16},
                   {.size = 11, .colour = kFaintInk, .align = Align::centre});
    }
    canvas_.line(place(x_.low, y_.low), place(x_.high, y_.low), {.colour = kFaintInk});
    canvas_.text("epoch", {left_ + kPlotWidth / 2, kTop + kPlotHeight + 36},
                 {.size = 11, .colour = kFaintInk, .align = Align::centre});
  }

  void stages(std::span<const EpochResult> points) {
    for (std::size_t i = 1; i < points.size(); ++i) {
      if (points[i].stage == points[i - 1].stage) continue;
      const cv::Point2d top = place(points[i].epoch, y_.high);
      canvas_.line(top - cv::Point2d{0, 4}, top + cv::Point2d{0, kPlotHeight},
                   {.colour = kFaintInk, .dashed = true});
      canvas_.text(fmt::format("stage {}", points[i].stage), top - cv::Point2d{0, 13},
                   {.size = 9.5, .colour = kFaintInk, .align = Align::centre});
    }
  }

  void curve(std::span<const EpochResult> points, Member value, const LineStyle& style) {
    std::vector<cv::Point2d> run;  // of epochs without a gap
    const auto finish = [&] {
      canvas_.polyline(run, style);
      if (run.size() == 1 || points.size() <= kMostDots) {
        for (const cv::Point2d& point : run) canvas_.dot(point, 1.5 * style.width, style.colour);
      }
      run.clear();
    };
    for (const EpochResult& point : points) {
      if (std::isfinite(point.*value)) {
        run.push_back(place(point.epoch, point.*value));
      } else {
        finish();
      }
    }
    finish();
  }

  /// Right of the plot's name, from right to left.
  void legend() {
    double right = left_ + kPlotWidth;
    for (const auto& [name, style] : {std::pair("validation", kVal), std::pair("training", kTrain)}) {
      const TextStyle text{.size = 11, .align = Align::right};
      canvas_.text(name, {right, kName}, text);
      right -= text_width(name, text) + 6;
      canvas_.line({right - 18, kName}, {right, kName}, style);
      right -= 18 + 16;
    }
  }

 private:
  cv::Point2d place(double x, double y) const {
    return {left_ + kPlotWidth * x_.share(x), kTop + kPlotHeight * (1 - y_.share(y))};
  }

  Canvas& canvas_;
  double left_;
  Axis x_;
  Axis y_;
};

void check_points(std::span<const EpochResult> points) {
  if (points.empty()) throw failure("curves of no epochs cannot be drawn");
  const auto not_ascending = [](const EpochResult& a, const EpochResult& b) { return a.epoch >= b.epoch; };
  if (const auto at = std::ranges::adjacent_find(points, not_ascending); at != points.end()) {
    throw failure("curves: epoch {} does not come after epoch {}", std::next(at)->epoch, at->epoch);
  }
}

}  // namespace

cv::Mat draw_curves(std::span<const EpochResult> points, const std::string& title) {
  check_points(points);
  const double width = kLeft + 2 * kPlotWidth + kBetween + kRight;
  Canvas canvas(width, kTop + kPlotHeight + kBottom);
  canvas.text(title, {16, 24}, {.size = 16, .bold = true, .max_width = width - 32});

  const Axis epochs = epoch_axis(points);
  Plot accuracy(canvas, kLeft, epochs, {.low = 0, .high = 1, .step = 0.2});
  accuracy.frame("Accuracy (%)", 100);
  accuracy.stages(points);
  accuracy.curve(points, &EpochResult::train_accuracy, kTrain);
  accuracy.curve(points, &EpochResult::val_accuracy, kVal);
  accuracy.legend();

  Plot loss(canvas, kLeft + kPlotWidth + kBetween, epochs, loss_axis(points));
  loss.frame("Loss", 1);
  loss.stages(points);
  loss.curve(points, &EpochResult::train_loss, kTrain);
  loss.curve(points, &EpochResult::val_loss, kVal);
  loss.legend();
  return canvas.picture();
}

}  // namespace fer
