#pragma once

#include <string>
#include <vector>

#include "fer/report/figure.hpp"

namespace fer {

/// What stands in a legend: a line's pen or a patch's colour, and what it means.
struct LegendEntry {
  std::string name;
  Pen pen = {};
  bool patch = false;
};

/// A legend set in lines of at most `width`, from left to right, then from top to bottom.
class Legend {
 public:
  Legend(std::vector<LegendEntry> entries, double width);

  double height() const;
  /// From `corner` rightwards and down.
  void draw(Figure& figure, cv::Point2d corner) const;

 private:
  std::vector<LegendEntry> entries_;
  std::vector<cv::Point2d> places_;  // of each entry, from the corner
};

inline constexpr Type kTitleType{.size = 9, .bold = true};

/// The least of 1, 2 and 5 times powers of ten that needs at most `ticks` steps for `range`.
double tick_step(double range, int ticks);

/// Black or white, whichever is easier to read on that colour.
Rgb printed_on(Rgb ground);

/// The line of each class, in class order, everywhere the same for an emotion.
std::vector<Pen> class_pens(const ClassList& classes, double width);

}  // namespace fer
