#pragma once

#include <opencv2/core.hpp>
#include <string>

namespace fer {

struct Colour {
  double red = 0;  ///< 0..255, as green and blue
  double green = 0;
  double blue = 0;
};

inline constexpr Colour kInk{34, 38, 46};
inline constexpr Colour kFaintInk{110, 116, 128};
inline constexpr Colour kRule{222, 225, 230};
inline constexpr Colour kPaper{255, 255, 255};

enum class Align { left, centre, right };

struct TextStyle {
  double size = 12;  ///< height of a capital letter and its surroundings, as in type sizes
  Colour colour = kInk;
  Align align = Align::left;
  bool bold = false;
  double max_width = 1e9;  ///< longer text is set smaller until it fits
};

struct LineStyle {
  Colour colour = kInk;
  double width = 1;
};

/// A white sheet on which all lengths are points from the upper left corner.
class Canvas {
 public:
  Canvas(double width, double height);

  void fill(const cv::Rect2d& area, Colour colour);
  void line(cv::Point2d from, cv::Point2d to, const LineStyle& style);

  /// One line of text whose letters are centred vertically on anchor.y.
  void text(const std::string& words, cv::Point2d anchor, const TextStyle& style);

  /// RGB, two pixels a point.
  cv::Mat picture() const;

 private:
  cv::Mat sheet_;  // drawn larger than shown, so that edges come out smooth
};

/// How wide text() sets the words, in points.
double text_width(const std::string& words, const TextStyle& style);

/// The last letters that fit into `width` points, behind two dots where some are left out.
std::string end_of(std::string text, double width, const TextStyle& style);

/// Shows an RGB image of any size as large as fits into an area (in points) of a picture(), in its middle. An
/// empty image shows nothing.
void paste(cv::Mat& picture, const cv::Mat& image, const cv::Rect2d& area);

}  // namespace fer
