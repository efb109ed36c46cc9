#pragma once

#include <opencv2/core.hpp>
#include <span>
#include <vector>

#include "fer/core/emotion_colours.hpp"
#include "fer/video/analysis.hpp"
#include "shown_faces.hpp"
#include "timeline_strip.hpp"

namespace fer {

/// Makes what lies in that area unrecognisable: flat cells, about six to a face. Parts outside the picture do
/// no harm.
void cover_area(cv::Mat& rgb, const CoveredArea& covered);

/// Draws what was found in an analysis into pictures of one size. Any number of threads may draw at a time.
class AnnotationDrawing {
 public:
  /// Refers to `analysis`; the strip stands for `span`.
  AnnotationDrawing(cv::Size picture, const VideoAnalysis& analysis, TimeSpan span);

  /// `faces` in pixels of `rgb`; `time` in seconds of the recording.
  void draw(cv::Mat& rgb, std::span<const ShownFace> faces, double time) const;

 private:
  struct Marking;

  Marking marking_of(const ShownFace& shown) const;
  void place(std::span<Marking> markings) const;
  void draw_box(cv::Mat& rgb, const Marking& marking) const;
  void draw_plate(cv::Mat& rgb, const Marking& marking) const;
  void draw_bars(cv::Mat& rgb, const Marking& marking) const;

  const VideoAnalysis& analysis_;
  std::vector<Rgb> colours_;
  TimelineStrip strip_;
  cv::Rect room_;  ///< the picture above the strip: where words and bars may lie
  int capital_;    ///< pixels that the letters are high
  int line_width_;
};

}  // namespace fer
