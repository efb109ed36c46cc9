#include "fer/report/figure.hpp"

#include <fmt/format.h>

#include <utility>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "xml_text.hpp"

namespace fer {

Figure::Figure(std::string title, cv::Size2d size) : title_(std::move(title)), size_(size) {}

void Figure::line(std::vector<cv::Point2d> points, const Pen& pen) {
  parts_.emplace_back(FigureLine{.points = std::move(points), .pen = pen});
}

void Figure::box(const cv::Rect2d& area, Rgb fill) {
  parts_.emplace_back(FigureBox{.area = area, .fill = fill});
}

void Figure::dot(cv::Point2d centre, double radius, Rgb fill) {
  parts_.emplace_back(FigureDot{.centre = centre, .radius = radius, .fill = fill});
}

void Figure::text(std::string_view words, cv::Point2d at, const Type& type) {
  if (type.size < kSmallestType) {
    throw failure("type of {} points is too small to print; {} is the least", type.size, kSmallestType);
  }
  parts_.emplace_back(FigureText{.words = valid_text(words), .at = at, .type = type});
}

std::string shortened(std::string_view words, double longest, const Type& type) {
  std::string text = valid_text(words);
  if (printed_width(text, type) <= longest) return text;
  const auto is_inside_a_letter = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; };
  while (!text.empty()) {
    while (is_inside_a_letter(text.back())) text.pop_back();
    text.pop_back();
    if (printed_width(text + "…", type) <= longest) break;
  }
  return text + "…";
}

void write_figure(const std::filesystem::path& path, const Figure& figure) {
  write_file(path.string() + ".svg", figure_svg(figure));
  write_file(path.string() + ".png", figure_png(figure));
}

}  // namespace fer
