#include "fer/report/reliability_picture.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "canvas.hpp"
#include "fer/core/error.hpp"

namespace fer {
namespace {

constexpr double kSide = 300;   // of the plot of accuracy
constexpr double kCounts = 64;  // height of the plot of samples
constexpr double kLeft = 56;
constexpr double kTop = 112;
constexpr double kGap = 16;      // between the two plots of a panel
constexpr double kBetween = 64;  // between the panels
constexpr double kRight = 24;
constexpr double kBottom = 84;

// A light bar and a dark distance: told apart in grey and by colour-blind readers.
constexpr Colour kAccuracy{158, 197, 228};
constexpr Colour kDistance{196, 78, 20};
constexpr Colour kSamples{110, 116, 128};

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

class PanelDrawing {
 public:
  PanelDrawing(Canvas& canvas, double left, const Panel& panel)
      : canvas_(canvas), left_(left), panel_(panel) {}

  void draw() {
    const Metrics& metrics = panel_.metrics;
    canvas_.text(panel_.name, {left_, kTop - 52}, {.size = 13, .bold = true, .max_width = kSide});
    canvas_.text(
        fmt::format("ECE {:.4f}   NLL {:.4f}   Brier {:.4f}", metrics.ece, metrics.nll, metrics.brier),
        {left_, kTop - 28}, {.size = 11.5, .max_width = kSide});
    frame();
    for (const ReliabilityBin& bin : panel_.bins) {
      if (bin.samples > 0) draw_bin(bin);
    }
    canvas_.line(place(0, 0), place(1, 1), {.colour = kInk, .dashed = true});
    draw_counts();
  }

 private:
  cv::Point2d place(double confidence, double accuracy) const {
    return {left_ + kSide * confidence, kTop + kSide * (1 - accuracy)};
  }

  void frame() {
    for (int percent = 0; percent <= 100; percent += 20) {
      const double at = percent / 100.0;
      canvas_.line(place(0, at), place(1, at), {.colour = kRule});
      canvas_.text(std::to_string(percent), place(0, at) - cv::Point2d{8, 0},
                   {.size = 11, .colour = kFaintInk, .align = Align::right});
      canvas_.text(std::to_string(percent), {left_ + kSide * at, bottom() + 12},
                   {.size = 11, .colour = kFaintInk, .align = Align::centre});
    }
    canvas_.text("accuracy (%)", {left_ - 40, kTop - 12}, {.size = 11, .colour = kFaintInk});
    canvas_.text("confidence (%)", {left_ + kSide / 2, bottom() + 30},
                 {.size = 11, .colour = kFaintInk, .align = Align::centre});
  }

  void draw_bin(const ReliabilityBin& bin) {
    constexpr double kWhisker = 3;
    const double from = left_ + kSide * bin.low + 0.5;
    const double width = kSide * (bin.high - bin.low) - 1;
    const auto [lower, upper] = std::minmax(bin.accuracy, bin.confidence);
    canvas_.fill({from, place(0, bin.accuracy).y, width, kSide * bin.accuracy}, kAccuracy);
    canvas_.fill({from, place(0, upper).y, width, kSide * (upper - lower)}, kDistance);
    const double middle = (bin.low + bin.high) / 2;
    const auto low = place(middle, bin.accuracy_ci95.low);
    const auto high = place(middle, bin.accuracy_ci95.high);
    const cv::Point2d half{kWhisker, 0};
    canvas_.line(low, high, {.width = 1.5});
    for (const cv::Point2d& end : {low, high}) canvas_.line(end - half, end + half, {.width = 1.5});
  }

  void draw_counts() {
    std::int64_t most = 1;
    std::int64_t all = 0;
    for (const ReliabilityBin& bin : panel_.bins) {
      most = std::max(most, bin.samples);
      all += bin.samples;
    }
    for (const ReliabilityBin& bin : panel_.bins) {
      const double height = kCounts * share(bin.samples, most);
      canvas_.fill(
          {left_ + kSide * bin.low + 0.5, bottom() - height, kSide * (bin.high - bin.low) - 1, height},
          kSamples);
    }
    canvas_.line({left_, bottom()}, {left_ + kSide, bottom()}, {.colour = kFaintInk});
    canvas_.text(std::to_string(most), {left_ - 8, bottom() - kCounts + 5},
                 {.size = 11, .colour = kFaintInk, .align = Align::right, .max_width = kLeft - 14});
    canvas_.text(fmt::format("samples (of {})", all), {left_ + 4, bottom() - kCounts + 5},
                 {.size = 11, .colour = kFaintInk});
  }

  static double bottom() { return kTop + kSide + kGap + kCounts; }

  Canvas& canvas_;
  double left_;
  const Panel& panel_;
};

void draw_key(Canvas& canvas, double middle) {
  constexpr double kWidth = 300;
  const double y = kTop + kSide + kGap + kCounts + 58;
  const double left = middle - kWidth / 2;
  constexpr TextStyle kWords{.size = 11};
  canvas.fill({left, y - 5, 10, 10}, kAccuracy);
  canvas.text("accuracy", {left + 15, y}, kWords);
  canvas.line({left + 84, y - 6}, {left + 84, y + 6}, {.width = 1.5});
  canvas.text("95 %", {left + 92, y}, kWords);
  canvas.fill({left + 134, y - 5, 10, 10}, kDistance);
  canvas.text("distance to mean confidence", {left + 149, y}, kWords);
}

}  // namespace

cv::Mat draw_reliability(const Evaluation& evaluation, const Calibration& calibration,
                         const std::string& title) {
  if (evaluation.reliability.empty()) throw failure("a reliability diagram without bins cannot be drawn");
  std::vector<Panel> panels;
  if (const auto& before = evaluation.uncalibrated) {
    panels.push_back({.name = "Before calibration", .bins = before->reliability, .metrics = before->metrics});
  }
  panels.push_back(
      {.name = name_after(calibration), .bins = evaluation.reliability, .metrics = evaluation.metrics});
  const auto count = static_cast<double>(panels.size());
  const double width = kLeft + count * kSide + (count - 1) * kBetween + kRight;
  Canvas canvas(width, kTop + kSide + kGap + kCounts + kBottom);
  canvas.text(title, {16, 24}, {.size = 16, .bold = true, .max_width = width - 32});
  double left = kLeft;
  for (const Panel& panel : panels) {
    PanelDrawing(canvas, left, panel).draw();
    left += kSide + kBetween;
  }
  draw_key(canvas, width / 2);
  return canvas.picture();
}

}  // namespace fer
