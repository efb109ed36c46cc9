#include "timeline_strip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "lettering.hpp"

namespace fer {
namespace {

constexpr std::size_t kRows = 5;
constexpr double kRowsShare = 0.09;   // of the picture's shorter side, at most
constexpr int kShortestPicture = 24;  // pixels that a picture with a strip has at least
constexpr Rgb kPanel = {24, 24, 28};
constexpr Rgb kEmptyRow = {58, 58, 64};
constexpr Rgb kWriting = {225, 225, 225};

/// All lengths in pixels.
struct Measures {
  Measures(cv::Size picture, int rows) {
    const int shorter = std::min(picture.width, picture.height);
    const auto share = [&](double part) { return static_cast<int>(std::lround(part * shorter)); };
    gap = std::max(1, share(0.004));
    row = std::clamp(share(kRowsShare) / rows - gap, 2, std::max(2, share(0.0215)));
    pad = std::max(1, share(0.009));
    capital = std::max(kSmallestCapital, share(0.018));
  }

  int row;
  int gap;
  int pad;
  int capital;
};

/// Ids of the faces seen most, in the order of ids.
std::vector<int> rows_of(const VideoAnalysis& analysis) {
  std::map<int, std::size_t> seen;
  for (const SampledFrame& frame : analysis.frames) {
    for (const FaceResult& face : frame.faces) ++seen[face.face_id];
  }
  std::vector<std::pair<int, std::size_t>> faces(seen.begin(), seen.end());
  std::ranges::stable_sort(faces, std::ranges::greater{}, &std::pair<int, std::size_t>::second);
  faces.resize(std::min(faces.size(), kRows));
  std::vector<int> ids;
  for (const auto& [id, count] : faces) ids.push_back(id);
  std::ranges::sort(ids);
  return ids;
}

struct LegendEntry {
  std::string name;
  Rgb colour;
};

std::vector<LegendEntry> legend_of(const VideoAnalysis& analysis) {
  const std::vector<Rgb> colours = emotion_colours(analysis.classes);
  std::vector<LegendEntry> entries;
  for (int label = 0; label < analysis.classes.size(); ++label)
    entries.push_back({analysis.classes.name(label), colours[static_cast<std::size_t>(label)]});
  if (analysis.interpretation.abstain > 0) entries.push_back({"uncertain", kUncertainColour});
  return entries;
}

/// A line that says what colours mean: patch and name, patch and name ...
class Legend {
 public:
  /// With the largest letters up to `capital` that fit the width; empty where readable ones do not.
  Legend(std::vector<LegendEntry> entries, int capital, int width)
      : entries_(std::move(entries)), capital_(capital) {
    while (capital_ >= kSmallestCapital && this->width() > width) --capital_;
    if (capital_ < kSmallestCapital) entries_.clear();
  }

  int height() const { return entries_.empty() ? 0 : text_size("A", capital_).height; }

  void draw(cv::Mat& panel, cv::Point corner) const {
    for (const LegendEntry& entry : entries_) {
      cv::rectangle(panel, cv::Rect(corner, cv::Size(capital_, capital_)), scalar(entry.colour), cv::FILLED);
      put_text(panel, entry.name, corner + cv::Point(3 * capital_ / 2, 0), capital_, kWriting);
      corner.x += width_of(entry);
    }
  }

 private:
  int width_of(const LegendEntry& entry) const {
    return text_size(entry.name, capital_).width + 3 * capital_;
  }

  int width() const {
    int sum = 0;
    for (const LegendEntry& entry : entries_) sum += width_of(entry);
    return sum;
  }

  std::vector<LegendEntry> entries_;
  int capital_;
};

std::string row_name(int face_id) { return fmt::format("{}", face_id); }

/// Room for the rows' names; none where they cannot be read.
int names_width(const std::vector<int>& ids, const Measures& measures) {
  if (measures.row - 2 < kSmallestCapital) return 0;
  int widest = 0;
  for (const int id : ids) widest = std::max(widest, text_size(row_name(id), measures.row - 2).width);
  return widest + measures.pad;
}

}  // namespace

TimelineStrip::TimelineStrip(cv::Size picture, const VideoAnalysis& analysis, TimeSpan span) : span_(span) {
  if (std::min(picture.width, picture.height) < kShortestPicture) return;
  std::vector<int> ids = rows_of(analysis);
  const Measures measures(picture, std::max(1, static_cast<int>(ids.size())));
  const int line = measures.row + measures.gap;
  const int room = picture.height / 4;
  const int most = std::max(1, (room - 2 * measures.pad) / line);
  if (static_cast<int>(ids.size()) > most) ids.resize(static_cast<std::size_t>(most));
  const int rows = std::max(1, static_cast<int>(ids.size()));

  const int inner = picture.width - 2 * measures.pad;
  const Legend legend(legend_of(analysis), measures.capital, inner);
  int top = measures.pad + (legend.height() > 0 ? legend.height() + measures.pad : 0);
  const bool with_legend = legend.height() > 0 && top + rows * line + measures.pad <= room;
  if (!with_legend) top = measures.pad;
  const int height = top + rows * line - measures.gap + measures.pad;
  area_ = {0, picture.height - height, picture.width, height};
  panel_ = cv::Mat(area_.size(), CV_8UC3, scalar(kPanel));
  if (with_legend) legend.draw(panel_, {measures.pad, measures.pad});

  const int names = names_width(ids, measures);
  chart_ = {measures.pad + names, area_.y + top, std::max(1, inner - names), rows * line - measures.gap};
  for (int i = 0; i < rows; ++i) {
    const cv::Rect row(chart_.x, top + i * line, chart_.width, measures.row);
    cv::rectangle(panel_, row, scalar(kEmptyRow), cv::FILLED);
    if (ids.empty()) break;
    const int id = ids[static_cast<std::size_t>(i)];
    if (names > 0) put_text(panel_, row_name(id), {measures.pad, row.y}, measures.row - 2, kWriting);
    draw_row(analysis, id, row);
  }
}

void TimelineStrip::draw_row(const VideoAnalysis& analysis, int face_id, const cv::Rect& row) {
  const std::vector<Rgb> colours = emotion_colours(analysis.classes);
  for (const SampledFrame& frame : analysis.frames) {
    const auto face = std::ranges::find(frame.faces, face_id, &FaceResult::face_id);
    if (face == frame.faces.end()) continue;
    const auto label = smoothed_label_of(*face, analysis.interpretation.abstain);
    const Rgb colour = label ? colours.at(static_cast<std::size_t>(*label)) : kUncertainColour;
    const int first = std::min(edge(frame.timestamp), row.br().x - 1);
    const int last = std::max(first + 1, edge(frame.timestamp + frame.seconds));
    const cv::Rect piece = cv::Rect(first, row.y, last - first, row.height) & row;
    panel_(piece).setTo(scalar(colour));
  }
}

int TimelineStrip::edge(double time) const {
  const double length = span_.until - span_.from;
  const double part = length > 0 ? std::clamp((time - span_.from) / length, 0.0, 1.0) : 0.0;
  return chart_.x + static_cast<int>(std::lround(part * chart_.width));
}

int TimelineStrip::column(double time) const { return std::min(edge(time), chart_.br().x - 1); }

void TimelineStrip::draw(cv::Mat& rgb, double time) const {
  if (area_.empty()) return;
  panel_.copyTo(rgb(area_));
  const int thickness = std::max(1, rgb.rows / 360);
  const int overhang = thickness + 1;
  cv::Rect cursor(column(time) - thickness / 2, chart_.y - overhang, thickness, chart_.height + 2 * overhang);
  const cv::Rect edge(cursor.x - 1, cursor.y, cursor.width + 2, cursor.height);
  rgb(edge & area_).setTo(scalar({0, 0, 0}));
  rgb(cursor & area_).setTo(scalar({255, 255, 255}));
}

}  // namespace fer
