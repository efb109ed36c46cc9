#include "fer/video/analysis.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fer {

std::int64_t VideoAnalysis::frames_with_face() const {
  return std::ranges::count_if(frames, [](const SampledFrame& frame) { return !frame.faces.empty(); });
}

std::map<int, std::vector<TrackPoint>> tracks_of(VideoAnalysis& analysis) {
  std::map<int, std::vector<TrackPoint>> tracks;
  for (SampledFrame& frame : analysis.frames) {
    for (FaceResult& face : frame.faces) tracks[face.face_id].push_back({&frame, &face});
  }
  return tracks;
}

std::optional<int> label_of(std::span<const float> probabilities, double abstain) {
  const auto top = std::ranges::max_element(probabilities);
  if (top == probabilities.end() || *top < abstain) return std::nullopt;
  return static_cast<int>(top - probabilities.begin());
}

std::optional<int> smoothed_label_of(const FaceResult& face, double abstain) {
  if (face.smoothed.at(static_cast<std::size_t>(face.smoothed_label)) < abstain) return std::nullopt;
  return face.smoothed_label;
}

std::string_view face_status(const FaceResult& face, double abstain) {
  return label_of(face.probabilities, abstain) ? "ok" : "uncertain";
}

std::string audit_line(const VideoAnalysis& analysis) {
  const std::int64_t with_face = analysis.frames_with_face();
  return fmt::format("{} frames decoded = {} with a face + {} without + {} skipped", analysis.frames_total,
                     with_face, analysis.frames_sampled() - with_face,
                     analysis.frames_total - analysis.frames_sampled());
}

}  // namespace fer
