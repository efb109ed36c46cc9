#include "lettering.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace fer {
namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr double kCapitalHeight = 21;  // pixels at OpenCV's font scale 1

double font_scale(int capital) { return capital / kCapitalHeight; }

int stroke(int capital) { return std::max(1, static_cast<int>(std::lround(capital / 10.0))); }

}  // namespace

Rgb ink_on(Rgb paper) {
  // Relative luminance and the point of equal contrast to black and white: WCAG 2.1.
  const auto linear = [](std::uint8_t value) { return std::pow(value / 255.0, 2.2); };
  const double luminance =
      0.2126 * linear(paper.red) + 0.7152 * linear(paper.green) + 0.0722 * linear(paper.blue);
  return luminance > 0.179 ? Rgb{0, 0, 0} : Rgb{255, 255, 255};
}

cv::Size text_size(const std::string& text, int capital) {
  int below = 0;
  const int width = cv::getTextSize(text, kFont, font_scale(capital), stroke(capital), &below).width;
  return {width, capital + stroke(capital)};
}

void put_text(cv::Mat& rgb, const std::string& text, cv::Point corner, int capital, Rgb colour) {
  const cv::Point base_line = corner + cv::Point(0, capital + stroke(capital) / 2);
  cv::putText(rgb, text, base_line, kFont, font_scale(capital), scalar(colour), stroke(capital), cv::LINE_AA);
}

}  // namespace fer
