#include "fer/report/reliability_figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "fer/core/error.hpp"
#include "figure_parts.hpp"

namespace fer {
namespace {

constexpr double kMargin = 4;
constexpr double kTitle = 16;
constexpr double kHeading = 38;  // above a panel's plots: its name and its figures
constexpr double kTicks = 36;    // left of them
constexpr double kSide = kOneColumn - 2 * kMargin - kTicks - 4;  // of the plot of accuracy
constexpr double kGap = 8;                                       // between the two plots of a panel
constexpr double kCounts = 40;                                   // height of the plot of samples
constexpr double kAxis = 30;                                     // below it

// A light bar and a dark distance: told apart in grey and by colour-blind readers.
constexpr std::array kDashes = {4.0, 3.0};
constexpr Pen kAccuracy{.colour = {158, 197, 228}};
constexpr Pen kDistance{.colour = {178, 66, 14}};
constexpr Pen kInterval{.width = 0.9};
constexpr Pen kDiagonal{.width = 0.7, .dashes = kDashes};
constexpr Type kTick{.colour = kGrey, .anchor = Anchor::end};
constexpr Type kBelow{.colour = kGrey, .anchor = Anchor::middle};

struct Panel {
  std::string name;
  std::span<const ReliabilityBin> bins;
  const Metrics& metrics;
};

std::string name_after(const Calibration& calibration) {
  switch (calibration.method) {
    case CalibrationMethod::temperature:
      return fmt::format("After temperature scaling (T = {:.3g})", calibration.temperature);
    case CalibrationMethod::vector:
      return "After vector scaling";
    case CalibrationMethod::none:
      break;
  }
  return "Without calibration";
}

double share(std::int64_t part, std::int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

/// One panel: the plot of accuracy above that of the samples.
class PanelDrawing {
 public:
  PanelDrawing(Figure& figure, cv::Point2d corner, const Panel& panel)
      : figure_(figure), corner_(corner), panel_(panel) {}

  void draw() {
    const Metrics& metrics = panel_.metrics;
    const std::string figures =
        fmt::format("ECE {:.4f}, NLL {:.4f}, Brier {:.4f}", metrics.ece, metrics.nll, metrics.brier);
    figure_.text(shortened(panel_.name, kSide, {.bold = true}), corner_ - cv::Point2d(0, 30), {.bold = true});
    figure_.text(shortened(figures, kSide), corner_ - cv::Point2d(0, 18));
    frame();
    for (const ReliabilityBin& bin : panel_.bins) {
      if (bin.samples > 0) draw_bin(bin);
    }
    figure_.line({place(0, 0), place(1, 1)}, kDiagonal);
    draw_counts();
  }

 private:
  cv::Point2d place(double confidence, double accuracy) const {
    return corner_ + cv::Point2d(kSide * confidence, kSide * (1 - accuracy));
  }

  double bottom() const { return corner_.y + kSide + kGap + kCounts; }

  void frame() {
    for (int percent = 0; percent <= 100; percent += 20) {
      const double at = percent / 100.0;
      figure_.line({place(0, at), place(1, at)}, {.colour = kPale});
      figure_.text(std::to_string(percent), place(0, at) - cv::Point2d(4, 0), kTick);
      figure_.text(std::to_string(percent), {corner_.x + kSide * at, bottom() + 8}, kBelow);
    }
    Type sideways = kBelow;
    sideways.upwards = true;
    figure_.text("accuracy (%)", {corner_.x - kTicks + 6, corner_.y + kSide / 2}, sideways);
    figure_.text("confidence (%)", {corner_.x + kSide / 2, bottom() + 20}, kBelow);
  }

  void draw_bin(const ReliabilityBin& bin) {
    const double from = corner_.x + kSide * bin.low + 0.25;
    const double width = kSide * (bin.high - bin.low) - 0.5;
    const auto [lower, upper] = std::minmax(bin.accuracy, bin.confidence);
    figure_.box({from, place(0, bin.accuracy).y, width, kSide * bin.accuracy}, kAccuracy.colour);
    figure_.box({from, place(0, upper).y, width, kSide * (upper - lower)}, kDistance.colour);
    const double middle = (bin.low + bin.high) / 2;
    const cv::Point2d low = place(middle, bin.accuracy_ci95.low),
                      high = place(middle, bin.accuracy_ci95.high);
    figure_.line({low, high}, kInterval);
    for (const cv::Point2d& end : {low, high})
      figure_.line({end - cv::Point2d(2, 0), end + cv::Point2d(2, 0)}, kInterval);
  }

  void draw_counts() {
    std::int64_t most = 1;
    std::int64_t all = 0;
    for (const ReliabilityBin& bin : panel_.bins) {
      most = std::max(most, bin.samples);
      all += bin.samples;
    }
    for (const ReliabilityBin& bin : panel_.bins) {
      if (bin.samples == 0) continue;
      const double height = kCounts * share(bin.samples, most);
      figure_.box(
          {corner_.x + kSide * bin.low + 0.25, bottom() - height, kSide * (bin.high - bin.low) - 0.5, height},
          kGrey);
    }
    figure_.line({{corner_.x, bottom()}, {corner_.x + kSide, bottom()}}, {.colour = kGrey});
    figure_.text(shortened(std::to_string(most), kTicks - 4), {corner_.x - 4, bottom() - kCounts + 4}, kTick);
    figure_.text(fmt::format("samples (of {})", all), {corner_.x + 3, bottom() - kCounts + 4},
                 {.colour = kGrey});
  }

  Figure& figure_;
  cv::Point2d corner_;
  const Panel& panel_;
};

}  // namespace

Figure reliability_figure(const Evaluation& evaluation, const Calibration& calibration,
                          const std::string& title) {
  if (evaluation.reliability.empty()) throw failure("a reliability diagram without bins cannot be drawn");
  std::vector<Panel> panels;
  if (const auto& before = evaluation.uncalibrated) {
    panels.push_back({.name = "Before calibration", .bins = before->reliability, .metrics = before->metrics});
  }
  panels.push_back(
      {.name = name_after(calibration), .bins = evaluation.reliability, .metrics = evaluation.metrics});
  const double width = panels.size() == 1 ? kOneColumn : kTwoColumns;
  const double room = width - 2 * kMargin;
  const Legend legend({{.name = "accuracy", .pen = kAccuracy, .patch = true},
                       {.name = "its 95 % interval", .pen = kInterval},
                       {.name = "distance to mean confidence", .pen = kDistance, .patch = true},
                       {.name = "accuracy = confidence", .pen = kDiagonal}},
                      room);
  const double top = kMargin + kTitle + kHeading;
  const double below = top + kSide + kGap + kCounts + kAxis;
  Figure figure(title + ": reliability", {width, below + legend.height() + kMargin});
  figure.text(shortened(title, room, kTitleType), {kMargin, kMargin + kTitle / 2}, kTitleType);
  double left = kMargin + kTicks;
  for (const Panel& panel : panels) {
    PanelDrawing(figure, {left, top}, panel).draw();
    left += kTwoColumns - kOneColumn;
  }
  legend.draw(figure, {kMargin, below});
  return figure;
}

}  // namespace fer
