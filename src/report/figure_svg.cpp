#include <fmt/format.h>

#include <cmath>

#include "fer/report/figure.hpp"
#include "figure_type.hpp"
#include "xml_text.hpp"

namespace fer {
namespace {

/// Hundredths of a point, without needless digits.
std::string number(double value) { return fmt::format("{:.6g}", std::round(value * 100) / 100 + 0.0); }

std::string colour(Rgb rgb) { return fmt::format("#{:02x}{:02x}{:02x}", rgb.red, rgb.green, rgb.blue); }

std::string element(const FigureLine& line) {
  std::string points;
  for (const cv::Point2d& point : line.points) {
    if (!points.empty()) points += ' ';
    points += number(point.x) + ',' + number(point.y);
  }
  std::string dashes;
  for (const double dash : line.pen.dashes) {
    dashes += dashes.empty() ? " stroke-dasharray=\"" : " ";
    dashes += number(dash * line.pen.width);
  }
  if (!dashes.empty()) dashes += '"';
  return fmt::format("<polyline points=\"{}\" stroke=\"{}\" stroke-width=\"{}\"{}/>\n", points,
                     colour(line.pen.colour), number(line.pen.width), dashes);
}

std::string element(const FigureBox& box) {
  return fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>\n", number(box.area.x),
                     number(box.area.y), number(box.area.width), number(box.area.height), colour(box.fill));
}

std::string element(const FigureDot& dot) {
  return fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"/>\n", number(dot.centre.x),
                     number(dot.centre.y), number(dot.radius), colour(dot.fill));
}

std::string element(const FigureText& text) {
  constexpr const char* kAnchors[] = {"start", "middle", "end"};
  const Type& type = text.type;
  const std::string turn = type.upwards ? " rotate(-90)" : "";
  return fmt::format(
      "<text transform=\"translate({},{}){}\" y=\"{}\" font-size=\"{}\"{} text-anchor=\"{}\" "
      "fill=\"{}\">{}</text>\n",
      number(text.at.x), number(text.at.y), turn, number(kCapital / 2 * type.size), number(type.size),
      type.bold ? " font-weight=\"bold\"" : "", kAnchors[static_cast<int>(type.anchor)], colour(type.colour),
      xml_text(text.words));
}

}  // namespace

std::string figure_svg(const Figure& figure) {
  constexpr double kMillimetres = 25.4 / 72;
  const cv::Size2d size = figure.size();
  std::string svg = fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="{}mm" height="{}mm" viewBox="0 0 {} {}" role="img" font-family="{}" fill="none" stroke-linejoin="round">
<title>{}</title>
<rect width="100%" height="100%" fill="#ffffff"/>
)",
      number(size.width * kMillimetres), number(size.height * kMillimetres), number(size.width),
      number(size.height), kFamilies, xml_text(figure.title()));
  for (const FigurePart& part : figure.parts())
    svg += std::visit([](const auto& one) { return element(one); }, part);
  return svg + "</svg>\n";
}

}  // namespace fer
