#include "figure_parts.hpp"

#include <cmath>
#include <utility>

namespace fer {
namespace {

constexpr double kLineHeight = 12;
constexpr double kKeyLength = 20;
constexpr double kPatch = 7;
constexpr double kKeyGap = 4;     // from the key to its name
constexpr double kEntryGap = 12;  // from a name to the next key

double key_length(const LegendEntry& entry) { return entry.patch ? kPatch : kKeyLength; }

/// As a share of white's (WCAG 2).
double luminance(Rgb colour) {
  const auto linear = [](double channel) {
    const double c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
}

}  // namespace

Legend::Legend(std::vector<LegendEntry> entries, double width) : entries_(std::move(entries)) {
  cv::Point2d at;
  for (LegendEntry& entry : entries_) {
    entry.name = shortened(entry.name, width - key_length(entry) - kKeyGap);
    const double length = key_length(entry) + kKeyGap + printed_width(entry.name);
    if (at.x > 0 && at.x + length > width) at = {0, at.y + kLineHeight};
    places_.push_back(at);
    at.x += length + kEntryGap;
  }
}

double Legend::height() const { return places_.empty() ? 0 : places_.back().y + kLineHeight; }

void Legend::draw(Figure& figure, cv::Point2d corner) const {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const LegendEntry& entry = entries_[i];
    const cv::Point2d at = corner + places_[i] + cv::Point2d(0, kLineHeight / 2);
    const double length = key_length(entry);
    if (entry.patch) {
      figure.box({at.x, at.y - kPatch / 2, kPatch, kPatch}, entry.pen.colour);
    } else {
      figure.line({at, at + cv::Point2d(length, 0)}, entry.pen);
    }
    figure.text(entry.name, at + cv::Point2d(length + kKeyGap, 0));
  }
}

double tick_step(double range, int ticks) {
  const double power = std::pow(10, std::floor(std::log10(range / ticks)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (range <= ticks * factor * power * (1 + 1e-9)) return factor * power;
  }
  return 10 * power;
}

Rgb printed_on(Rgb ground) {
  const double light = luminance(ground) + 0.05;
  return light / (luminance(kBlack) + 0.05) >= 1.05 / light ? kBlack : kWhite;
}

std::vector<Pen> class_pens(const ClassList& classes, double width) {
  const std::vector<Rgb> colours = emotion_colours(classes);
  const auto dashes = emotion_dashes(classes);
  std::vector<Pen> pens;
  for (std::size_t i = 0; i < colours.size(); ++i)
    pens.push_back({.colour = colours[i], .width = width, .dashes = dashes[i]});
  return pens;
}

}  // namespace fer
