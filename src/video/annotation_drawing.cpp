#include "annotation_drawing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "lettering.hpp"

namespace fer {
namespace {

constexpr float kCellsPerFace = 6;
constexpr Rgb kDark = {20, 20, 24};
constexpr double kDarkening = 0.35;  // what shows of the picture behind bars

cv::Rect whole(const cv::Mat& rgb) { return {0, 0, rgb.cols, rgb.rows}; }

/// In whole pixels, and cut off a little outside the picture.
cv::Rect pixels(const cv::Rect2f& box, cv::Size picture) {
  constexpr float kOutside = 16;
  const cv::Rect2f near(-kOutside, -kOutside, static_cast<float>(picture.width) + 2 * kOutside,
                        static_cast<float>(picture.height) + 2 * kOutside);
  const cv::Rect2f cut = box & near;
  return {cv::Point(cvRound(cut.x), cvRound(cut.y)),
          cv::Point(cvRound(cut.x + cut.width), cvRound(cut.y + cut.height))};
}

/// How much of `area` lies under the others, in pixels.
int covered_area(const cv::Rect& area, std::span<const cv::Rect> others) {
  int sum = 0;
  for (const cv::Rect& other : others) sum += (area & other).area();
  return sum;
}

/// Of the places for something of that size the one that hides least, the first of equals; moved into `room`.
/// Empty if it is larger than the room.
cv::Rect best_place(cv::Size size, std::span<const cv::Point> corners, const cv::Rect& room,
                    std::span<const cv::Rect> taken) {
  if (size.width > room.width || size.height > room.height) return {};
  cv::Rect best;
  for (const cv::Point& corner : corners) {
    const cv::Rect place(std::clamp(corner.x, room.x, room.br().x - size.width),
                         std::clamp(corner.y, room.y, room.br().y - size.height), size.width, size.height);
    if (best.empty() || covered_area(place, taken) < covered_area(best, taken)) best = place;
  }
  return best;
}

}  // namespace

void cover_area(cv::Mat& rgb, const CoveredArea& covered) {
  const cv::Rect area = pixels(covered.area, rgb.size()) & whole(rgb);
  if (area.empty()) return;
  const float cell = std::max(covered.face_side / kCellsPerFace, 2.0F);
  const auto cells = [&](int length) { return std::max(1, cvRound(static_cast<float>(length) / cell)); };
  cv::Mat view = rgb(area);
  cv::Mat coarse;
  cv::resize(view, coarse, {cells(area.width), cells(area.height)}, 0, 0, cv::INTER_AREA);
  cv::resize(coarse, view, area.size(), 0, 0, cv::INTER_NEAREST);
}

struct AnnotationDrawing::Marking {
  const FaceResult* face;
  Rgb colour;
  std::string words;
  cv::Rect box;
  cv::Rect plate = {};  ///< empty: no room
  cv::Rect bars = {};
};

AnnotationDrawing::AnnotationDrawing(cv::Size picture, const VideoAnalysis& analysis, TimeSpan span)
    : analysis_(analysis),
      colours_(emotion_colours(analysis.classes)),
      strip_(picture, analysis, span),
      room_(0, 0, picture.width, picture.height - strip_.area().height) {
  const int shorter = std::min(picture.width, picture.height);
  capital_ = std::max(kSmallestCapital, static_cast<int>(std::lround(4 + 0.0145 * shorter)));
  line_width_ = std::max(1, static_cast<int>(std::lround(shorter / 320.0)));
}

AnnotationDrawing::Marking AnnotationDrawing::marking_of(const ShownFace& shown) const {
  const FaceResult& face = *shown.result;
  const auto label = smoothed_label_of(face, analysis_.interpretation.abstain);
  const float probability = face.smoothed[static_cast<std::size_t>(face.smoothed_label)];
  const cv::Size picture(room_.width, room_.height + strip_.area().height);
  return {.face = &face,
          .colour = label ? colours_[static_cast<std::size_t>(*label)] : kUncertainColour,
          .words = fmt::format("#{} {} {:.0f}%", face.face_id,
                               label ? analysis_.classes.name(*label) : "uncertain", 100 * probability),
          .box = pixels(shown.box, picture)};
}

/// Finds room for words and bars beside the faces, larger faces first.
void AnnotationDrawing::place(std::span<Marking> markings) const {
  std::vector<cv::Rect> taken;
  for (const Marking& marking : markings) taken.push_back(marking.box);
  const int pad = std::max(1, capital_ / 3);
  for (Marking& marking : markings) {
    const cv::Rect visible = marking.box & room_;
    if (visible.empty()) continue;
    const cv::Size words = text_size(marking.words, capital_);
    const cv::Size plate(words.width + 2 * pad, words.height + 2 * pad);
    const std::array<cv::Point, 2> plates = {
        {{visible.x, visible.y - plate.height}, {visible.x, visible.br().y}}};
    marking.plate = best_place(plate, plates, room_, taken);
    taken.push_back(marking.plate);

    const int classes = analysis_.classes.size();
    const int row = std::clamp(visible.height / classes, 2, std::max(2, 2 * capital_ / 3));
    const cv::Size bars(5 * capital_, classes * row + 2);
    const int apart = line_width_ + 1;
    const std::array<cv::Point, 4> places = {{{visible.br().x + apart, visible.y},
                                              {visible.x - bars.width - apart, visible.y},
                                              {visible.x, visible.br().y + apart},
                                              {visible.x, visible.y - bars.height - apart}}};
    marking.bars = best_place(bars, places, room_, taken);
    taken.push_back(marking.bars);
  }
}

void AnnotationDrawing::draw(cv::Mat& rgb, std::span<const ShownFace> faces, double time) const {
  std::vector<Marking> markings;
  for (const ShownFace& face : faces) markings.push_back(marking_of(face));
  place(markings);
  for (const Marking& marking : markings) draw_box(rgb, marking);
  for (const Marking& marking : markings) draw_bars(rgb, marking);
  for (const Marking& marking : markings) draw_plate(rgb, marking);
  strip_.draw(rgb, time);
}

/// With a dark line around, for pictures of the box's own colour.
void AnnotationDrawing::draw_box(cv::Mat& rgb, const Marking& marking) const {
  if (marking.box.empty()) return;
  const int out = line_width_ / 2 + 1;
  const cv::Rect around(marking.box.tl() - cv::Point(out, out),
                        marking.box.size() + cv::Size(2 * out, 2 * out));
  cv::rectangle(rgb, around, scalar(kDark), 1);
  cv::rectangle(rgb, marking.box, scalar(marking.colour), line_width_);
}

void AnnotationDrawing::draw_plate(cv::Mat& rgb, const Marking& marking) const {
  if (marking.plate.empty()) return;
  rgb(marking.plate).setTo(scalar(marking.colour));
  const int pad = std::max(1, capital_ / 3);
  put_text(rgb, marking.words, marking.plate.tl() + cv::Point(pad, pad), capital_, ink_on(marking.colour));
}

void AnnotationDrawing::draw_bars(cv::Mat& rgb, const Marking& marking) const {
  if (marking.bars.empty()) return;
  cv::Mat panel = rgb(marking.bars);
  panel.convertTo(panel, -1, kDarkening);
  const int row = (panel.rows - 2) / static_cast<int>(colours_.size());
  const int thickness = std::max(1, row - std::max(1, row / 4));
  for (std::size_t label = 0; label < colours_.size(); ++label) {
    const double probability = std::clamp<double>(marking.face->smoothed[label], 0, 1);
    const int length = std::max(1, static_cast<int>(std::lround(probability * (panel.cols - 2))));
    panel(cv::Rect(1, 1 + static_cast<int>(label) * row, length, thickness)).setTo(scalar(colours_[label]));
  }
}

}  // namespace fer
