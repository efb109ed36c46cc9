#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fer/core/emotion_colours.hpp"

namespace fer {

/// Widths of a figure on a journal's page, 85 and 180 mm, in points of 1/72 inch as all lengths of a figure.
inline constexpr double kOneColumn = 85 / 25.4 * 72;
inline constexpr double kTwoColumns = 180 / 25.4 * 72;
inline constexpr double kSmallestType = 8;

inline constexpr Rgb kBlack{26, 28, 32};
inline constexpr Rgb kGrey{92, 97, 106};
inline constexpr Rgb kPale{218, 221, 226};
inline constexpr Rgb kWhite{255, 255, 255};

/// How a line is drawn; the width in points.
struct Pen {
  Rgb colour = kBlack;
  double width = 0.6;
  std::span<const double> dashes = {};  ///< as emotion_dashes(); must outlive the figure
};

/// Which end of a text stands at its point.
enum class Anchor { start, middle, end };

/// How text is set; the size in points.
struct Type {
  double size = kSmallestType;
  Rgb colour = kBlack;
  Anchor anchor = Anchor::start;
  bool bold = false;
  bool upwards = false;  ///< a quarter turn to the left
};

/// What a figure consists of; points from its upper left corner.
struct FigureLine {
  std::vector<cv::Point2d> points;
  Pen pen;
};
/// A filled rectangle without an edge.
struct FigureBox {
  cv::Rect2d area;
  Rgb fill;
};
/// A filled circle.
struct FigureDot {
  cv::Point2d centre;
  double radius;
  Rgb fill;
};
/// A line of text, see Figure::text().
struct FigureText {
  std::string words;  ///< valid UTF-8 without control characters
  cv::Point2d at;
  Type type;
};
/// Anything a figure consists of.
using FigurePart = std::variant<FigureLine, FigureBox, FigureDot, FigureText>;

/// A drawing for print on white: one description, from which figure_svg() and figure_png() make the same
/// picture. Later parts lie over earlier ones.
class Figure {
 public:
  Figure(std::string title, cv::Size2d size);

  void line(std::vector<cv::Point2d> points, const Pen& pen);
  void box(const cv::Rect2d& area, Rgb fill);
  void dot(cv::Point2d centre, double radius, Rgb fill);

  /// One line whose capitals are centred on `at` across the line and stand at it by the anchor along the
  /// line. Bytes that are no UTF-8 show as U+FFFD. Throws a failure for type below kSmallestType.
  void text(std::string_view words, cv::Point2d at, const Type& type = {});

  const std::string& title() const { return title_; }
  cv::Size2d size() const { return size_; }
  std::span<const FigurePart> parts() const { return parts_; }

 private:
  std::string title_;
  cv::Size2d size_;
  std::vector<FigurePart> parts_;
};

/// How long text() sets the words, in points. The type is DejaVu Sans, wider than other common ones, so what
/// has room keeps it where a reader's machine has another.
double printed_width(std::string_view words, const Type& type = {});

/// The words if they are no longer than that, else their beginning and "…".
std::string shortened(std::string_view words, double longest, const Type& type = {});

/// SVG 1.1 without anything from outside; text stays text, so journals can set it in a type of their own.
std::string figure_svg(const Figure& figure);

/// PNG of 300 dots per inch, which it says itself.
std::string figure_png(const Figure& figure);

/// Writes PATH.svg and PATH.png, each whole or not at all.
void write_figure(const std::filesystem::path& path, const Figure& figure);

}  // namespace fer
