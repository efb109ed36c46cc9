#include "fer/video/summary.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <type_traits>
#include <utility>

#include "quality_warnings.hpp"

namespace fer {
namespace {

std::vector<std::int64_t> zeros(int classes) {
  return std::vector<std::int64_t>(static_cast<std::size_t>(classes));
}

/// The most frequent label, the first of equals; nothing where all counts are 0.
std::optional<int> most_frequent(std::span<const std::int64_t> distribution) {
  const auto top = std::ranges::max_element(distribution);
  if (top == distribution.end() || *top == 0) return std::nullopt;
  return static_cast<int>(top - distribution.begin());
}

/// From the distributions, where there is a face.
void name_dominant(EmotionCounts& counts) {
  counts.dominant = most_frequent(counts.distribution);
  counts.dominant_corrected = most_frequent(counts.distribution_corrected);
  if (!counts.dominant) return;
  const auto most = counts.distribution[static_cast<std::size_t>(*counts.dominant)];
  counts.dominant_share = static_cast<double>(most) / static_cast<double>(counts.frames);
}

/// Gathers one face after the other, in the order of time.
class Tally {
 public:
  Tally(int classes, double abstain) : abstain_(abstain) {
    counts_.distribution = counts_.distribution_smoothed = zeros(classes);
    counts_.seconds.resize(static_cast<std::size_t>(classes));
    counts_.transitions.assign(static_cast<std::size_t>(classes), zeros(classes));
  }

  void add(const FaceResult& face, double seconds) {
    ++counts_.frames;
    confidence_ += *std::ranges::max_element(face.probabilities);
    if (const auto label = label_of(face.probabilities, abstain_)) {
      ++counts_.distribution[static_cast<std::size_t>(*label)];
    } else {
      ++counts_.uncertain;
    }
    if (!face.corrected.empty()) {
      counts_.distribution_corrected.resize(face.corrected.size());
      if (const auto label = label_of(face.corrected, abstain_))
        ++counts_.distribution_corrected[static_cast<std::size_t>(*label)];
    }
    add_smoothed(face, seconds);
  }

  /// What comes next does not follow on what came before: no change from one to the other is a transition.
  void interrupt() { last_labels_.clear(); }

  EmotionCounts result() const {
    EmotionCounts counts = counts_;
    if (counts.frames > 0) counts.mean_confidence = confidence_ / static_cast<double>(counts.frames);
    name_dominant(counts);
    return counts;
  }

 private:
  void add_smoothed(const FaceResult& face, double seconds) {
    const std::optional<int> label = smoothed_label_of(face, abstain_);
    if (!label) return;
    const auto now = static_cast<std::size_t>(*label);
    ++counts_.distribution_smoothed[now];
    counts_.seconds[now] += seconds;
    const auto [last, is_first] = last_labels_.try_emplace(face.face_id, now);
    if (!is_first && last->second != now) ++counts_.transitions[last->second][now];
    last->second = now;
  }

  double abstain_;
  EmotionCounts counts_;
  double confidence_ = 0;                   // sum of the highest probabilities
  std::map<int, std::size_t> last_labels_;  // smoothed, by face
};

std::optional<double> sample_rate(const VideoAnalysis& analysis) {
  if (analysis.options.sampling.method == SamplingMethod::rate) return analysis.options.sampling.fps;
  if (analysis.frames.size() < 2) return std::nullopt;
  const double span = analysis.frames.back().timestamp - analysis.frames.front().timestamp;
  return static_cast<double>(analysis.frames.size() - 1) / span;
}

std::vector<FaceSummary> summarise_faces(const VideoAnalysis& analysis) {
  struct Seen {
    Seen(const VideoAnalysis& analysis, double now)
        : tally(analysis.classes.size(), analysis.interpretation.abstain), first(now) {}

    Tally tally;
    double first;
    double last = first;
  };
  std::map<int, Seen> faces;
  for (const SampledFrame& frame : analysis.frames) {
    for (const FaceResult& face : frame.faces) {
      Seen& seen = faces.try_emplace(face.face_id, analysis, frame.timestamp).first->second;
      seen.tally.add(face, frame.seconds);
      seen.last = frame.timestamp;
    }
  }
  std::vector<FaceSummary> summaries;
  for (const auto& [id, seen] : faces) {
    summaries.push_back(
        {.face_id = id, .first_seen = seen.first, .last_seen = seen.last, .counts = seen.tally.result()});
  }
  return summaries;
}

bool lies_in(const SampledFrame& frame, std::span<const Marker> markers) {
  return std::ranges::any_of(markers, [&](const Marker& marker) {
    return frame.timestamp >= marker.start && frame.timestamp < marker.end;
  });
}

ConditionSummary summarise_condition(const VideoAnalysis& analysis, const std::string& condition,
                                     std::span<const Marker> markers) {
  ConditionSummary summary{.condition = condition};
  Tally tally(analysis.classes.size(), analysis.interpretation.abstain);
  for (const SampledFrame& frame : analysis.frames) {
    if (!lies_in(frame, markers)) {
      tally.interrupt();
      continue;
    }
    ++summary.frames_sampled;
    summary.frames_with_face += frame.faces.empty() ? 0 : 1;
    for (const FaceResult& face : frame.faces) tally.add(face, frame.seconds);
  }
  summary.counts = tally.result();
  return summary;
}

std::vector<ConditionSummary> summarise_conditions(const VideoAnalysis& analysis,
                                                   std::span<const Marker> markers) {
  std::vector<std::pair<std::string, std::vector<Marker>>> conditions;
  for (const Marker& marker : markers) {
    if (!is_about(marker, analysis.video)) continue;
    auto found =
        std::ranges::find(conditions, marker.condition, [](const auto& entry) { return entry.first; });
    if (found == conditions.end()) found = conditions.insert(conditions.end(), {marker.condition, {}});
    found->second.push_back(marker);
  }
  std::vector<ConditionSummary> summaries;
  for (const auto& [condition, stretches] : conditions)
    summaries.push_back(summarise_condition(analysis, condition, stretches));
  return summaries;
}

template <class T>
void add_to(std::vector<T>& sum, const std::vector<T>& more) {
  sum.resize(std::max(sum.size(), more.size()));
  for (std::size_t i = 0; i < more.size(); ++i) {
    if constexpr (std::is_arithmetic_v<T>) {
      sum[i] += more[i];
    } else {
      add_to(sum[i], more[i]);
    }
  }
}

/// Shares and means are those of all faces.
void add_to(EmotionCounts& sum, const EmotionCounts& more) {
  const double confidence = sum.mean_confidence.value_or(0) * static_cast<double>(sum.frames) +
                            more.mean_confidence.value_or(0) * static_cast<double>(more.frames);
  sum.frames += more.frames;
  sum.uncertain += more.uncertain;
  add_to(sum.distribution, more.distribution);
  add_to(sum.distribution_corrected, more.distribution_corrected);
  add_to(sum.distribution_smoothed, more.distribution_smoothed);
  add_to(sum.seconds, more.seconds);
  add_to(sum.transitions, more.transitions);
  if (sum.frames > 0) sum.mean_confidence = confidence / static_cast<double>(sum.frames);
  name_dominant(sum);
}

}  // namespace

std::vector<ConditionSummary> pool_conditions(std::span<const VideoSummary> summaries) {
  std::vector<ConditionSummary> pooled;
  for (const VideoSummary& summary : summaries) {
    for (const ConditionSummary& condition : summary.conditions) {
      auto found = std::ranges::find(pooled, condition.condition, &ConditionSummary::condition);
      if (found == pooled.end()) {
        pooled.push_back(condition);
        continue;
      }
      found->frames_sampled += condition.frames_sampled;
      found->frames_with_face += condition.frames_with_face;
      add_to(found->counts, condition.counts);
    }
  }
  return pooled;
}

double VideoSummary::coverage() const {
  return frames_sampled == 0 ? 0.0
                             : static_cast<double>(frames_with_face) / static_cast<double>(frames_sampled);
}

VideoSummary summarise(const VideoAnalysis& analysis, std::span<const Marker> markers) {
  Tally overall(analysis.classes.size(), analysis.interpretation.abstain);
  for (const SampledFrame& frame : analysis.frames) {
    for (const FaceResult& face : frame.faces) overall.add(face, frame.seconds);
  }
  VideoSummary summary{.video = analysis.video,
                       .classes = analysis.classes,
                       .duration_seconds = analysis.duration_seconds,
                       .frames_total = analysis.frames_total,
                       .frames_sampled = analysis.frames_sampled(),
                       .frames_with_face = analysis.frames_with_face(),
                       .cuts = analysis.cuts,
                       .sample_fps = sample_rate(analysis),
                       .overall = overall.result(),
                       .faces = summarise_faces(analysis),
                       .conditions = summarise_conditions(analysis, markers),
                       .model = analysis.model,
                       .detector = analysis.detector,
                       .smoothing = smoothing_text(analysis.interpretation.smoothing),
                       .correction = correction_text(analysis.interpretation),
                       .damaged = analysis.damaged,
                       .warnings = analysis.warnings};
  std::ranges::move(quality_warnings(analysis, summary), std::back_inserter(summary.warnings));
  return summary;
}

}  // namespace fer
