#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fer/core/labels.hpp"
#include "fer/video/analysis.hpp"

namespace fer {

/// What was seen over some faces: counts of frames by their most probable class.
struct EmotionCounts {
  std::int64_t frames = 0;                 ///< with a face
  std::int64_t uncertain = 0;              ///< of these, frames whose label was withheld
  std::vector<std::int64_t> distribution;  ///< raw labels, in class order; sums to frames - uncertain
  std::vector<std::int64_t> distribution_smoothed;  ///< likewise by smoothed probabilities
  std::optional<int> dominant;                      ///< most frequent raw label, the first of equals
  std::optional<double> dominant_share;             ///< 0..1, of `frames`
  std::optional<double> mean_confidence;            ///< mean over `frames` of the highest probability, 0..1
};

struct FaceSummary {
  int face_id = 0;
  EmotionCounts counts;
};

struct VideoSummary {
  std::string video;
  ClassList classes;
  std::optional<double> duration_seconds;
  std::int64_t frames_total = 0;
  std::int64_t frames_sampled = 0;
  std::int64_t frames_with_face = 0;
  double coverage = 0;               ///< share of the sampled frames with a face; 0 if none was sampled
  std::optional<double> sample_fps;  ///< as asked for; else measured over the rows
  EmotionCounts overall;
  std::vector<FaceSummary> faces;  ///< by face_id
  std::string model;
  std::string detector;
  std::string smoothing;
  std::vector<std::string> warnings;
};

VideoSummary summarise(const VideoAnalysis& analysis);

}  // namespace fer
