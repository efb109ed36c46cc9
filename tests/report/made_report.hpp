#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "fer/report/video_report.hpp"

namespace fer::test {

inline FaceResult seen_face(int id, std::vector<float> probabilities, int smoothed_label) {
  FaceResult face{.face_id = id,
                  .confidence = 0.9F,
                  .box = {10, 10, 50, 50},
                  .brightness = 120,
                  .probabilities = std::move(probabilities),
                  .smoothed = std::vector<float>(3, 0.1F),
                  .smoothed_label = smoothed_label};
  face.smoothed[static_cast<std::size_t>(smoothed_label)] = 0.8F;
  return face;
}

/// `seconds` at `fps`: face 0 is happy every other second and neutral between, with a gap from 3 to 4 s; face
/// 1 is angry throughout from 1 s on.
inline VideoAnalysis made_recording(double seconds, double fps, bool second_face = true) {
  VideoAnalysis analysis{.video = "talk.mp4",
                         .facts = {.width = 64, .height = 48, .fps = fps, .codec = "h264"},
                         .classes = ClassList({"angry", "happy", "neutral"}),
                         .model = "mobilenet_v2",
                         .detector = "yunet"};
  const auto count = static_cast<std::int64_t>(std::lround(seconds * fps));
  for (std::int64_t i = 0; i < count; ++i) {
    SampledFrame frame{.frame = i, .timestamp = static_cast<double>(i) / fps, .seconds = 1 / fps};
    const bool smiles = static_cast<int>(frame.timestamp) % 2 == 1;
    const std::vector<float> smile = {0.1F, 0.7F, 0.2F}, rest = {0.1F, 0.2F, 0.7F};
    if (frame.timestamp < 3 || frame.timestamp >= 4)
      frame.faces.push_back(seen_face(0, smiles ? smile : rest, smiles ? 1 : 2));
    if (second_face && frame.timestamp >= 1) frame.faces.push_back(seen_face(1, {0.6F, 0.3F, 0.1F}, 0));
    analysis.frames.push_back(std::move(frame));
  }
  analysis.frames_total = count;
  analysis.duration_seconds = seconds;
  return analysis;
}

/// A recording with all that its page tells of.
struct MadeReport {
  VideoAnalysis analysis;
  std::vector<Marker> markers = {};
  std::vector<PeakPicture> pictures = {};
  ReportPlayer player = {};
  std::vector<std::string> files = {"frames.csv"};

  std::vector<ExpressionEvent> events() const { return find_events(analysis, 0.25); }

  std::string page() const {
    const std::vector<ExpressionEvent> found = events();
    const VideoSummary summary = summarise(analysis, markers);
    return video_report({.analysis = analysis,
                         .summary = summary,
                         .events = found,
                         .markers = markers,
                         .pictures = pictures,
                         .player = player,
                         .files = files});
  }
};

}  // namespace fer::test
