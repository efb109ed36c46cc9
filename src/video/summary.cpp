#include "fer/video/summary.hpp"

#include <algorithm>
#include <map>

namespace fer {
namespace {

/// Gathers one face after the other; `confidence` is the sum of the highest probabilities.
struct Tally {
  EmotionCounts counts;
  double confidence = 0;

  void add(const FaceResult& face, int classes, double abstain) {
    counts.distribution.resize(static_cast<std::size_t>(classes));
    counts.distribution_smoothed.resize(static_cast<std::size_t>(classes));
    ++counts.frames;
    confidence += *std::ranges::max_element(face.probabilities);
    if (const auto label = label_of(face.probabilities, abstain)) {
      ++counts.distribution[static_cast<std::size_t>(*label)];
    } else {
      ++counts.uncertain;
    }
    if (const auto label = label_of(face.smoothed, abstain))
      ++counts.distribution_smoothed[static_cast<std::size_t>(*label)];
  }

  EmotionCounts result(int classes) const {
    EmotionCounts all = counts;
    all.distribution.resize(static_cast<std::size_t>(classes));
    all.distribution_smoothed.resize(static_cast<std::size_t>(classes));
    if (all.frames == 0) return all;
    const auto frames = static_cast<double>(all.frames);
    all.mean_confidence = confidence / frames;
    const auto top = std::ranges::max_element(all.distribution);
    if (*top == 0) return all;
    all.dominant = static_cast<int>(top - all.distribution.begin());
    all.dominant_share = static_cast<double>(*top) / frames;
    return all;
  }
};

std::optional<double> sample_rate(const VideoAnalysis& analysis) {
  if (analysis.options.sampling.method == SamplingMethod::rate) return analysis.options.sampling.fps;
  if (analysis.rows.size() < 2) return std::nullopt;
  const double span = analysis.rows.back().timestamp - analysis.rows.front().timestamp;
  return static_cast<double>(analysis.rows.size() - 1) / span;
}

}  // namespace

VideoSummary summarise(const VideoAnalysis& analysis) {
  const int classes = analysis.classes.size();
  Tally overall;
  std::map<int, Tally> by_face;
  for (const FrameRow& row : analysis.rows) {
    if (!row.face) continue;
    overall.add(*row.face, classes, analysis.options.abstain);
    by_face[row.face->face_id].add(*row.face, classes, analysis.options.abstain);
  }

  const auto sampled = analysis.frames_sampled();
  VideoSummary summary{
      .video = analysis.video,
      .classes = analysis.classes,
      .duration_seconds = analysis.duration_seconds,
      .frames_total = analysis.frames_total,
      .frames_sampled = sampled,
      .frames_with_face = analysis.frames_with_face,
      .coverage =
          sampled == 0 ? 0.0 : static_cast<double>(analysis.frames_with_face) / static_cast<double>(sampled),
      .sample_fps = sample_rate(analysis),
      .overall = overall.result(classes),
      .faces = {},
      .model = analysis.model,
      .detector = analysis.detector,
      .smoothing = smoothing_text(analysis.options.smoothing),
      .warnings = analysis.warnings};
  for (const auto& [id, tally] : by_face)
    summary.faces.push_back({.face_id = id, .counts = tally.result(classes)});
  return summary;
}

}  // namespace fer
