#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <type_traits>
#include <vector>

#include "fer/report/figure.hpp"

namespace fer::test {

/// The parts of one kind, in the order they are drawn.
template <class Part>
std::vector<Part> parts_of(const Figure& figure) {
  std::vector<Part> found;
  for (const FigurePart& part : figure.parts()) {
    if (const auto* one = std::get_if<Part>(&part)) found.push_back(*one);
  }
  return found;
}

std::vector<std::string> texts_of(const Figure& figure);

/// Where a text's capitals stand.
cv::Rect2d place_of(const FigureText& text);

/// What a printed figure may not have: type below 8 points, a width that is no column's, text beyond the
/// edge, texts over each other. A sentence for each.
std::vector<std::string> faults_of(const Figure& figure);

/// WCAG 2's ratio, 1 to 21.
double contrast(Rgb first, Rgb second);

}  // namespace fer::test
