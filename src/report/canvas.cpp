#include "canvas.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace fer {
namespace {

constexpr int kShown = 2;           // pixels a point
constexpr int kDrawn = 2 * kShown;  // the same before the sheet is reduced
constexpr int kFraction = 4;        // bits of a pixel that OpenCV's drawing keeps
constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr double kFontUnits = 30.0;  // pixels of type size at OpenCV's font scale 1

cv::Scalar scalar(Colour colour) { return {colour.red, colour.green, colour.blue}; }

int pixels(double points) { return static_cast<int>(std::lround(points * kDrawn)); }

cv::Point fine(cv::Point2d point) {
  constexpr double kScale = kDrawn * (1 << kFraction);
  return {static_cast<int>(std::lround(point.x * kScale)), static_cast<int>(std::lround(point.y * kScale))};
}

struct Lettering {
  double scale;
  int stroke;
  cv::Size box;  // of the letters above the base line, in drawn pixels
};

Lettering lettering(const std::string& words, const TextStyle& style) {
  const auto set = [&](double size) {
    Lettering result{.scale = size * kDrawn / kFontUnits,
                     .stroke = std::max(1, pixels(size * (style.bold ? 0.13 : 0.085))),
                     .box = {}};
    int base_line = 0;
    result.box = cv::getTextSize(words, kFont, result.scale, result.stroke, &base_line);
    return result;
  };
  const Lettering wanted = set(style.size);
  const double room = style.max_width * kDrawn;
  return wanted.box.width <= room ? wanted : set(style.size * room / wanted.box.width);
}

}  // namespace

Canvas::Canvas(double width, double height)
    : sheet_(pixels(height), pixels(width), CV_8UC3, scalar(kPaper)) {}

void Canvas::fill(const cv::Rect2d& area, Colour colour) {
  const cv::Point from{pixels(area.x), pixels(area.y)};
  const cv::Point to{pixels(area.x + area.width), pixels(area.y + area.height)};
  cv::rectangle(sheet_, cv::Rect(from, to), scalar(colour), cv::FILLED);
}

void Canvas::line(cv::Point2d from, cv::Point2d to, const LineStyle& style) {
  cv::line(sheet_, fine(from), fine(to), scalar(style.colour), std::max(1, pixels(style.width)), cv::LINE_AA,
           kFraction);
}

void Canvas::text(const std::string& words, cv::Point2d anchor, const TextStyle& style) {
  const Lettering letters = lettering(words, style);
  cv::Point start{pixels(anchor.x), pixels(anchor.y) + letters.box.height / 2};
  if (style.align == Align::centre) start.x -= letters.box.width / 2;
  if (style.align == Align::right) start.x -= letters.box.width;
  cv::putText(sheet_, words, start, kFont, letters.scale, scalar(style.colour), letters.stroke, cv::LINE_AA);
}

cv::Mat Canvas::picture() const {
  cv::Mat shown;
  cv::resize(sheet_, shown, {}, static_cast<double>(kShown) / kDrawn, static_cast<double>(kShown) / kDrawn,
             cv::INTER_AREA);
  return shown;
}

double text_width(const std::string& words, const TextStyle& style) {
  return static_cast<double>(lettering(words, style).box.width) / kDrawn;
}

std::string end_of(std::string text, double width, const TextStyle& style) {
  if (text_width(text, style) <= width) return text;
  while (!text.empty() && text_width(".." + text, style) > width) text.erase(0, 1);
  return ".." + text;
}

void paste(cv::Mat& picture, const cv::Mat& image, const cv::Rect2d& area) {
  if (image.empty()) return;
  const double room = std::min(area.width / image.cols, area.height / image.rows) * kShown;
  const cv::Size size(std::max(1, static_cast<int>(std::lround(image.cols * room))),
                      std::max(1, static_cast<int>(std::lround(image.rows * room))));
  cv::Mat shown;
  cv::resize(image, shown, size, 0, 0, room < 1 ? cv::INTER_AREA : cv::INTER_CUBIC);
  const cv::Point corner(static_cast<int>(area.x * kShown), static_cast<int>(area.y * kShown));
  const cv::Point middle((static_cast<int>(area.width * kShown) - size.width) / 2,
                         (static_cast<int>(area.height * kShown) - size.height) / 2);
  shown.copyTo(picture(cv::Rect(corner + middle, size)));
}

}  // namespace fer
