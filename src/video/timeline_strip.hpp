#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "fer/video/analysis.hpp"

namespace fer {

/// From one time to another, in seconds of the recording.
struct TimeSpan {
  double from = 0;
  double until = 0;
};

/// A strip over the lower edge of pictures: a row for each of the five faces seen most, by id, coloured by
/// the smoothed label over time and empty where the face is not seen; above them what the colours mean, where
/// there is room for it.
class TimelineStrip {
 public:
  /// For pictures of that size; the strip stands for `span`.
  TimelineStrip(cv::Size picture, const VideoAnalysis& analysis, TimeSpan span);

  /// Draws it into a picture, with a cursor at `time`.
  void draw(cv::Mat& rgb, double time) const;

  /// Where it lies; empty in pictures too small for one.
  const cv::Rect& area() const { return area_; }

  /// The part of it that stands for time.
  const cv::Rect& chart() const { return chart_; }

  /// The column of the picture for a time.
  int column(double time) const;

 private:
  int edge(double time) const;
  void draw_row(const VideoAnalysis& analysis, int face_id, const cv::Rect& row);

  TimeSpan span_;
  cv::Rect area_ = {};
  cv::Rect chart_ = {};
  cv::Mat panel_ = {};  ///< RGB: the strip without its cursor
};

}  // namespace fer
