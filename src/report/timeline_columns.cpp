#include "timeline_columns.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace fer {
namespace {

constexpr std::size_t kMostColumns = 480;  // about one for each point of print
constexpr std::size_t kMostPoints = 36'000;
constexpr double kShades = 4;  // of coverage, besides none

using Faces = std::vector<std::pair<int, std::size_t>>;  // id and frames

/// All faces, those with the most frames first, equals by id.
Faces faces_of(const VideoAnalysis& analysis) {
  std::map<int, std::size_t> frames;
  for (const SampledFrame& frame : analysis.frames) {
    for (const FaceResult& face : frame.faces) ++frames[face.face_id];
  }
  Faces faces(frames.begin(), frames.end());
  std::ranges::stable_sort(faces, std::ranges::greater{}, &Faces::value_type::second);
  return faces;
}

/// How many frames make a column.
std::size_t frames_a_column(const VideoAnalysis& analysis, std::size_t faces) {
  const std::size_t lines =
      2 * static_cast<std::size_t>(analysis.classes.size()) * std::max<std::size_t>(faces, 1);
  const std::size_t columns = std::clamp<std::size_t>(kMostPoints / lines, 1, kMostColumns);
  return std::max<std::size_t>(1, (analysis.frames.size() + columns - 1) / columns);
}

/// Sums up the frames of a column.
class ColumnSum {
 public:
  void add(const SampledFrame& frame, const FaceResult& face) {
    ++frames_;
    sum_.time += frame.timestamp;
    sum_.end = frame.timestamp + frame.seconds;
    sum_.raw.resize(face.probabilities.size());
    sum_.smoothed.resize(face.smoothed.size());
    for (std::size_t k = 0; k < sum_.raw.size(); ++k) sum_.raw[k] += face.probabilities[k];
    for (std::size_t k = 0; k < sum_.smoothed.size(); ++k) sum_.smoothed[k] += face.smoothed[k];
  }

  TimelineColumn mean() const {
    TimelineColumn mean = sum_;
    mean.time /= frames_;
    for (double& share : mean.raw) share /= frames_;
    for (double& share : mean.smoothed) share /= frames_;
    return mean;
  }

 private:
  TimelineColumn sum_;
  double frames_ = 0;
};

std::vector<TimelineRun> runs_of(const VideoAnalysis& analysis, int id, std::size_t frames_a_column) {
  std::map<std::size_t, ColumnSum> columns;
  for (std::size_t i = 0; i < analysis.frames.size(); ++i) {
    for (const FaceResult& face : analysis.frames[i].faces) {
      if (face.face_id == id) columns[i / frames_a_column].add(analysis.frames[i], face);
    }
  }
  std::vector<TimelineRun> runs;
  std::size_t next = 0;
  for (const auto& [column, sum] : columns) {
    if (runs.empty() || column != next) runs.emplace_back();
    runs.back().push_back(sum.mean());
    next = column + 1;
  }
  return runs;
}

std::vector<Coverage> coverage_of(const VideoAnalysis& analysis, std::size_t frames_a_column) {
  std::vector<Coverage> parts;
  for (std::size_t first = 0; first < analysis.frames.size(); first += frames_a_column) {
    const std::size_t end = std::min(first + frames_a_column, analysis.frames.size());
    double seen = 0;
    for (std::size_t i = first; i < end; ++i) seen += analysis.frames[i].faces.empty() ? 0 : 1;
    const SampledFrame& last = analysis.frames[end - 1];
    const Coverage part{.begin = analysis.frames[first].timestamp,
                        .end = last.timestamp + last.seconds,
                        .share = std::ceil(kShades * seen / static_cast<double>(end - first)) / kShades};
    if (!parts.empty() && parts.back().share == part.share) {
      parts.back().end = part.end;
    } else {
      parts.push_back(part);
    }
  }
  std::erase_if(parts, [](const Coverage& part) { return part.share == 0; });
  return parts;
}

}  // namespace

Timeline timeline_of(const VideoAnalysis& analysis, std::size_t most_faces) {
  Timeline timeline;
  if (analysis.frames.empty()) return timeline;
  const SampledFrame& last = analysis.frames.back();
  timeline.begin = analysis.frames.front().timestamp;
  timeline.end = std::max(last.timestamp + last.seconds, timeline.begin + 1e-3);
  Faces faces = faces_of(analysis);
  if (faces.size() > most_faces) {
    timeline.left_out = faces.size() - most_faces;
    timeline.left_out_frames = faces[most_faces].second;
    faces.resize(most_faces);
  }
  std::ranges::sort(faces);
  const std::size_t step = frames_a_column(analysis, faces.size());
  for (const auto& [id, frames] : faces)
    timeline.faces.push_back({.id = id, .frames = frames, .runs = runs_of(analysis, id, step)});
  timeline.coverage = coverage_of(analysis, step);
  return timeline;
}

}  // namespace fer
