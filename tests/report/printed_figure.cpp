#include "printed_figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace fer::test {

std::vector<std::string> texts_of(const Figure& figure) {
  std::vector<std::string> words;
  for (const FigureText& text : parts_of<FigureText>(figure)) words.push_back(text.words);
  return words;
}

cv::Rect2d place_of(const FigureText& text) {
  const double length = printed_width(text.words, text.type), height = 0.73 * text.type.size;
  const double before = length * static_cast<double>(text.type.anchor) / 2;
  if (text.type.upwards) return {text.at.x - height / 2, text.at.y - length + before, height, length};
  return {text.at.x - before, text.at.y - height / 2, length, height};
}

std::vector<std::string> faults_of(const Figure& figure) {
  std::vector<std::string> faults;
  const cv::Size2d size = figure.size();
  if (size.width != kOneColumn && size.width != kTwoColumns)
    faults.push_back(fmt::format("{} points wide", size.width));
  const auto texts = parts_of<FigureText>(figure);
  std::vector<cv::Rect2d> places;
  for (const FigureText& text : texts) places.push_back(text.words.empty() ? cv::Rect2d() : place_of(text));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const cv::Rect2d& place = places[i];
    if (texts[i].type.size < 8) faults.push_back("too small: " + texts[i].words);
    if (place.x < 0 || place.y < 0 || place.br().x > size.width || place.br().y > size.height)
      faults.push_back("beyond the edge: " + texts[i].words);
    for (std::size_t j = 0; j < i; ++j) {
      if ((place & places[j]).area() > 0)
        faults.push_back(fmt::format("'{}' lies over '{}'", texts[i].words, texts[j].words));
    }
  }
  return faults;
}

double contrast(Rgb first, Rgb second) {
  const auto luminance = [](Rgb colour) {
    const auto linear = [](double channel) {
      const double c = channel / 255;
      return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
  };
  const auto [dark, light] = std::minmax({luminance(first), luminance(second)});
  return (light + 0.05) / (dark + 0.05);
}

}  // namespace fer::test
