#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fer/core/labels.hpp"
#include "fer/video/analysis.hpp"
#include "fer/video/markers.hpp"

namespace fer {

/// What was seen of some faces: faces in frames, counted by label. In class order where there is a list.
struct EmotionCounts {
  std::int64_t frames = 0;                      ///< with a face; each face of a frame counts
  std::int64_t uncertain = 0;                   ///< of these, those whose label was withheld
  std::vector<std::int64_t> distribution = {};  ///< raw labels; sums to frames - uncertain
  std::vector<std::int64_t> distribution_corrected =
      {};  ///< of corrected probabilities; empty: nothing corrected
  std::vector<std::int64_t> distribution_smoothed = {};
  std::vector<double> seconds = {};  ///< that each smoothed label lasted in all
  std::vector<std::vector<std::int64_t>> transitions =
      {};                                      ///< [from][to]: changes of a face's smoothed label
  std::optional<int> dominant = {};            ///< most frequent raw label, the first of equals
  std::optional<double> dominant_share = {};   ///< 0..1, of `frames`
  std::optional<int> dominant_corrected = {};  ///< likewise of the corrected ones
  std::optional<double> mean_confidence = {};  ///< mean over `frames` of the highest raw probability, 0..1
};

/// What was seen of one face.
struct FaceSummary {
  int face_id = 0;
  double first_seen = 0;  ///< seconds
  double last_seen = 0;
  EmotionCounts counts = {};
};

/// What was seen under one condition, in one video.
struct ConditionSummary {
  std::string condition = {};
  std::int64_t frames_sampled = 0;
  std::int64_t frames_with_face = 0;
  EmotionCounts counts = {};
};

/// What was seen in one video: what summary.json holds.
struct VideoSummary {
  std::string video = {};
  ClassList classes = {};
  std::optional<double> duration_seconds = {};
  std::int64_t frames_total = 0;
  std::int64_t frames_sampled = 0;
  std::int64_t frames_with_face = 0;
  std::int64_t cuts = 0;
  std::optional<double> sample_fps = {};  ///< as asked for; else measured over the frames
  EmotionCounts overall = {};
  std::vector<FaceSummary> faces = {};            ///< by face_id
  std::vector<ConditionSummary> conditions = {};  ///< in the order of their first markers
  std::string model = {};
  std::string detector = {};
  std::string smoothing = {};
  std::string correction = {};  ///< "none", "prior uniform", "baseline 0-5 s, prior estimate" ...
  bool damaged = false;
  std::string run_key = {};  ///< of the input and all that was chosen: the same key means the same results
  std::vector<std::string> warnings = {};

  /// Share of the sampled frames with a face; 0 if none was sampled.
  double coverage() const;
};

/// Each condition over all videos, in the order they come.
std::vector<ConditionSummary> pool_conditions(std::span<const VideoSummary> summaries);

/// Call after interpret(). `markers` may be of any video. Warnings are those of the analysis and what a
/// reader of the results should be told: little coverage, mostly neutral, low confidence, small or dark
/// faces.
VideoSummary summarise(const VideoAnalysis& analysis, std::span<const Marker> markers = {});
}  // namespace fer
