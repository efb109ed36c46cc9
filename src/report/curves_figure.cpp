#include "fer/report/curves_figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include "fer/core/error.hpp"
#include "figure_parts.hpp"

namespace fer {
namespace {

constexpr double kMargin = 4;
constexpr double kTitle = 16;   // height of the title's line
constexpr double kName = 15;    // of a plot's name
constexpr double kStages = 11;  // of the stages' names
constexpr double kPlotHeight = 130;
constexpr double kAxis = 30;   // below a plot
constexpr double kTicks = 34;  // left of a plot
constexpr double kBetween = 12;
constexpr double kPlotWidth = (kTwoColumns - 2 * kTicks - kBetween - 2 * kMargin) / 2;
constexpr int kMostDots = 40;  // epochs up to which each has a dot

// Dark and whole against light and dashed: told apart by colour-blind readers and in grey.
constexpr std::array kDashes = {4.0, 1.5};
constexpr std::array kStageDashes = {3.0, 3.0};
constexpr Pen kVal{.colour = {0, 84, 159}, .width = 1.1};
constexpr Pen kTrain{.colour = {224, 130, 20}, .width = 1.1, .dashes = kDashes};

using Member = double EpochResult::*;

struct Axis {
  double low;
  double high;
  double step;  // between ticks

  double share(double value) const { return (value - low) / (high - low); }
};

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
  Plot(Figure& figure, cv::Point2d corner, Axis x, Axis y) : figure_(figure), corner_(corner), x_(x), y_(y) {}

  void frame(const std::string& name, double unit) {
    figure_.text(name, corner_ - cv::Point2d(0, kStages + kName / 2), {.bold = true});
    for (double y = y_.low; y < y_.high + y_.step / 2; y += y_.step) {
      const cv::Point2d at = place(x_.low, y);
      figure_.line({at, at + cv::Point2d(kPlotWidth, 0)}, {.colour = kPale});
      figure_.text(fmt::format("{:g}", std::round(y * unit * 1e6) / 1e6), at - cv::Point2d(4, 0),
                   {.colour = kGrey, .anchor = Anchor::end});
    }
    for (double x = std::ceil(x_.low / x_.step) * x_.step; x < x_.high + x_.step * 1e-3; x += x_.step) {
      const cv::Point2d at = place(x, y_.low);
      figure_.line({at, at + cv::Point2d(0, 3)}, {.colour = kGrey});
      figure_.text(fmt::format("{:g}", x), at + cv::Point2d(0, 9),
                   {.colour = kGrey, .anchor = Anchor::middle});
    }
    figure_.line({place(x_.low, y_.low), place(x_.high, y_.low)}, {.colour = kGrey});
    figure_.text("epoch", corner_ + cv::Point2d(kPlotWidth / 2, kPlotHeight + 21),
                 {.colour = kGrey, .anchor = Anchor::middle});
  }

  /// Named where the name has room: "stage 2", else "2", else not at all.
  void stages(std::span<const EpochResult> points) {
    double taken = corner_.x;
    for (std::size_t i = 1; i < points.size(); ++i) {
      if (points[i].stage == points[i - 1].stage) continue;
      const cv::Point2d top = place(points[i].epoch, y_.high);
      figure_.line({top - cv::Point2d(0, 2), top + cv::Point2d(0, kPlotHeight)},
                   {.colour = kGrey, .dashes = kStageDashes});
      for (const std::string& name :
           {fmt::format("stage {}", points[i].stage), fmt::format("{}", points[i].stage)}) {
        const double half = printed_width(name) / 2;
        if (top.x - half < taken || top.x + half > corner_.x + kPlotWidth + kBetween) continue;
        figure_.text(name, top - cv::Point2d(0, 7), {.colour = kGrey, .anchor = Anchor::middle});
        taken = top.x + half + 3;
        break;
      }
    }
  }

  void curve(std::span<const EpochResult> points, Member value, const Pen& pen) {
    std::vector<cv::Point2d> run;  // of epochs without a gap
    const auto finish = [&] {
      if (run.size() == 1 || points.size() <= kMostDots) {
        for (const cv::Point2d& point : run) figure_.dot(point, 1.4 * pen.width, pen.colour);
      }
      if (run.size() > 1) figure_.line(run, pen);
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

 private:
  cv::Point2d place(double x, double y) const {
    return corner_ + cv::Point2d(kPlotWidth * x_.share(x), kPlotHeight * (1 - y_.share(y)));
  }

  Figure& figure_;
  cv::Point2d corner_;
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

Figure curves_figure(std::span<const EpochResult> points, const std::string& title) {
  check_points(points);
  const Legend legend({{.name = "training", .pen = kTrain}, {.name = "validation", .pen = kVal}},
                      kTwoColumns - 2 * kMargin);
  const double top = kMargin + kTitle + kName + kStages;
  Figure figure(title + ": curves", {kTwoColumns, top + kPlotHeight + kAxis + legend.height() + kMargin});
  figure.text(shortened(title, kTwoColumns - 2 * kMargin, kTitleType), {kMargin, kMargin + kTitle / 2},
              kTitleType);
  const Axis epochs = epoch_axis(points);
  Plot accuracy(figure, {kMargin + kTicks, top}, epochs, {.low = 0, .high = 1, .step = 0.2});
  accuracy.frame("Accuracy (%)", 100);
  accuracy.stages(points);
  accuracy.curve(points, &EpochResult::train_accuracy, kTrain);
  accuracy.curve(points, &EpochResult::val_accuracy, kVal);

  Plot loss(figure, {kMargin + 2 * kTicks + kPlotWidth + kBetween, top}, epochs, loss_axis(points));
  loss.frame("Loss", 1);
  loss.stages(points);
  loss.curve(points, &EpochResult::train_loss, kTrain);
  loss.curve(points, &EpochResult::val_loss, kVal);
  legend.draw(figure, {kMargin + kTicks, top + kPlotHeight + kAxis});
  return figure;
}

}  // namespace fer
