#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace fer::synthetic {

using Line = std::vector<cv::Point2f>;

/// A smooth line through the points (Catmull-Rom), `steps` pieces between two of them.
Line smooth(const Line& points, int steps = 8);

/// How a shape is laid over what is there: its colour, how much of it, and how soft its edge is.
struct Ink {
  cv::Vec3f colour;
  float alpha = 1;
  float feather = 0;  ///< cm
};

/// An RGB picture painted in face coordinates (cm; see FaceLayout).
class Canvas {
 public:
  Canvas(const cv::Vec3f& colour);

  void fill(const Line& outline, const Ink& ink);
  /// Fills only where `clip` is filled too.
  void fill_within(const Line& clip, const Line& outline, const Ink& ink);
  void stroke(const Line& line, float width, const Ink& ink);
  /// A Gaussian spot.
  void glow(cv::Point2f centre, cv::Point2f sigma, const Ink& ink);
  /// Lays `texture`, of the whole canvas's size, where the outline is filled.
  void lay(const Line& outline, const cv::Mat& texture, float alpha, float feather);

  cv::Mat& image() { return image_; }

 private:
  cv::Rect area(const Line& points, float margin) const;
  cv::Mat mask(const Line& outline, cv::Rect area, float feather) const;
  void blend(cv::Rect area, const cv::Mat& mask, const Ink& ink);
  cv::Mat image_;
};

}  // namespace fer::synthetic
