#include "fer/report/timeline_figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "figure_parts.hpp"
#include "timeline_columns.hpp"

namespace fer {
namespace {

constexpr double kMargin = 4;
constexpr double kLeft = 30;  // of the plots: where the ticks stand
constexpr double kRight = 10;
constexpr double kWidth = kTwoColumns - kLeft - kRight;
constexpr double kTitle = 16;
constexpr double kHeading = 13;  // above a face's plot
constexpr double kPlot = 62;     // its height
constexpr double kEvents = 11;   // of the bars below
constexpr double kEventsGap = 3;
constexpr double kPanel = kHeading + kPlot + kEventsGap + kEvents + 6;
constexpr double kStrip = 6;  // of coverage
constexpr double kAxis = 28;
constexpr double kNote = 12;
constexpr Type kTick{.colour = kGrey, .anchor = Anchor::end};
constexpr Type kBelow{.colour = kGrey, .anchor = Anchor::middle};

/// Seconds from one tick of time to the next.
double time_step(double seconds) {
  if (seconds < 120) return tick_step(seconds, 10);
  for (const double step : {15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0}) {
    if (seconds <= 10 * step) return step;
  }
  return 3600 * tick_step(seconds / 3600, 10);
}

/// 75.5 where minutes are not needed, else 1:15 or 1:01:15.
std::string time_text(double seconds, bool minutes) {
  if (!minutes) return fmt::format("{:g}", std::round(seconds * 1e6) / 1e6 + 0.0);
  const auto whole = std::llround(seconds);
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

class TimelineDrawing {
 public:
  TimelineDrawing(const VideoAnalysis& analysis, std::span<const ExpressionEvent> events)
      : analysis_(analysis),
        events_(events),
        timeline_(timeline_of(analysis, kTimelineFaces)),
        pens_(class_pens(analysis.classes, 1.1)),
        legend_(entries(), kWidth) {}

  Figure draw() {
    const double top = kMargin + kTitle + legend_.height() + 4;
    const double strip = top + kPanel * static_cast<double>(timeline_.faces.size()) + kHeading;
    const double note = strip + kStrip + kAxis;
    Figure figure(analysis_.video + ": timeline",
                  {kTwoColumns, note + (note_text().empty() ? 0 : kNote) + kMargin});
    figure.text(shortened(analysis_.video, kTwoColumns - 2 * kMargin, kTitleType),
                {kMargin, kMargin + kTitle / 2}, kTitleType);
    legend_.draw(figure, {kLeft, kMargin + kTitle});
    double y = top;
    for (const FaceTimeline& face : timeline_.faces) {
      draw_face(figure, face, y + kHeading);
      y += kPanel;
    }
    draw_coverage(figure, strip);
    draw_time(figure, strip + kStrip);
    figure.text(note_text(), {kLeft, note + kNote / 2}, {.colour = kGrey});
    return figure;
  }

 private:
  std::vector<LegendEntry> entries() const {
    std::vector<LegendEntry> entries;
    for (int label = 0; label < analysis_.classes.size(); ++label)
      entries.push_back(
          {.name = analysis_.classes.name(label), .pen = pens_[static_cast<std::size_t>(label)]});
    return entries;
  }

  std::string note_text() const {
    if (analysis_.frames.empty()) return "no frame was looked at";
    if (timeline_.faces.empty()) return "no face was seen";
    if (timeline_.left_out == 0) return {};
    const std::size_t frames = timeline_.left_out_frames;
    const std::string most = fmt::format("{} frame{}", frames, frames == 1 ? "" : "s");
    if (timeline_.left_out == 1) return fmt::format("1 further face, with {}, not shown", most);
    return fmt::format("{} further faces, each with {} or fewer, not shown", timeline_.left_out, most);
  }

  double x(double time) const {
    return kLeft + kWidth * (time - timeline_.begin) / (timeline_.end - timeline_.begin);
  }

  void draw_face(Figure& figure, const FaceTimeline& face, double top) const {
    figure.text(fmt::format("face {}: probability (%), {} frames; thick: smoothed, thin: the model's own",
                            face.id, face.frames),
                {kLeft, top - kHeading / 2}, {.colour = kBlack});
    for (const double share : {0.0, 0.5, 1.0}) {
      const double y = top + kPlot * (1 - share);
      figure.line({{kLeft, y}, {kLeft + kWidth, y}}, {.colour = kPale});
      figure.text(fmt::format("{:.0f}", 100 * share), {kLeft - 4, y}, kTick);
    }
    for (const bool smoothed : {false, true}) {
      for (std::size_t label = 0; label < pens_.size(); ++label) {
        const Pen thin{.colour = pens_[label].colour, .width = 0.25};
        for (const TimelineRun& run : face.runs)
          draw_run(figure, run,
                   {.top = top, .label = label, .smoothed = smoothed, .pen = smoothed ? pens_[label] : thin});
      }
    }
    draw_events(figure, face.id, top + kPlot + kEventsGap);
  }

  struct Curve {
    double top;
    std::size_t label;
    bool smoothed;
    Pen pen;
  };

  void draw_run(Figure& figure, const TimelineRun& run, const Curve& curve) const {
    std::vector<cv::Point2d> points;
    const auto add = [&](double time, const TimelineColumn& column) {
      const double share = (curve.smoothed ? column.smoothed : column.raw)[curve.label];
      points.emplace_back(x(time), curve.top + kPlot * (1 - share));
    };
    for (const TimelineColumn& column : run) add(column.time, column);
    add(run.back().end, run.back());
    figure.line(std::move(points), curve.pen);
  }

  /// Bars that print cannot tell apart become one.
  void draw_events(Figure& figure, int face_id, double top) const {
    constexpr double kNarrowest = 1;
    double drawn_to = kLeft;
    for (const ExpressionEvent& event : events_) {
      if (event.face_id != face_id) continue;
      const double from = std::max(x(event.onset), drawn_to);
      const double to = std::max(x(event.offset), x(event.onset) + kNarrowest);
      if (to - from < kNarrowest / 2) continue;
      const Rgb colour = pens_[static_cast<std::size_t>(event.label)].colour;
      figure.box({from, top, to - from, kEvents}, colour);
      const std::string& name = analysis_.classes.name(event.label);
      if (printed_width(name) + 4 <= to - from) {
        figure.text(name, {(from + to) / 2, top + kEvents / 2},
                    {.colour = printed_on(colour), .anchor = Anchor::middle});
      }
      drawn_to = to;
    }
    figure.line({{kLeft, top + kEvents}, {kLeft + kWidth, top + kEvents}}, {.colour = kPale});
  }

  void draw_coverage(Figure& figure, double top) const {
    figure.text("a face was seen (dark)", {kLeft, top - kHeading / 2});
    figure.box({kLeft, top, kWidth, kStrip}, kPale);
    for (const Coverage& part : timeline_.coverage) {
      const auto mixed = [&](std::uint8_t pale, std::uint8_t dark) {
        return static_cast<std::uint8_t>(std::lround(std::lerp(pale, dark, part.share)));
      };
      figure.box(
          {x(part.begin), top, x(part.end) - x(part.begin), kStrip},
          {mixed(kPale.red, kGrey.red), mixed(kPale.green, kGrey.green), mixed(kPale.blue, kGrey.blue)});
    }
  }

  void draw_time(Figure& figure, double bottom) const {
    const bool minutes = timeline_.end - timeline_.begin >= 120;
    const double step = time_step(timeline_.end - timeline_.begin);
    for (double time = std::ceil(timeline_.begin / step - 1e-9) * step; time <= timeline_.end + step * 1e-6;
         time += step) {
      figure.line({{x(time), bottom}, {x(time), bottom + 3}}, {.colour = kGrey});
      const std::string words = time_text(time, minutes);
      const double last = kTwoColumns - kMargin - printed_width(words) / 2;
      figure.text(words, {std::min(x(time), last), bottom + 8}, kBelow);
    }
    figure.text(minutes ? "time (min:s)" : "time (s)", {kLeft + kWidth / 2, bottom + 20}, kBelow);
  }

  const VideoAnalysis& analysis_;
  std::span<const ExpressionEvent> events_;
  Timeline timeline_;
  std::vector<Pen> pens_;
  Legend legend_;
};

}  // namespace

Figure timeline_figure(const VideoAnalysis& analysis, std::span<const ExpressionEvent> events) {
  return TimelineDrawing(analysis, events).draw();
}

}  // namespace fer
