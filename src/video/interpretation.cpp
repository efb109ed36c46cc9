#include "fer/video/interpretation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "fer/eval/prior.hpp"
#include "fer/video/analysis.hpp"

namespace fer {
namespace {

constexpr std::array<std::string_view, 3> kPriors = {"train", "uniform", "estimate"};

constexpr double kNews = 0.25;  // seconds after which a face is worth another look

using Tracks = std::map<int, std::vector<TrackPoint>>;

void append(std::vector<float>& rows, std::span<const float> row) {
  rows.insert(rows.end(), row.begin(), row.end());
}

void check(const Interpretation& interpretation, const VideoAnalysis& analysis) {
  if (!(interpretation.abstain >= 0 && interpretation.abstain <= 1))
    throw usage_error("abstain: {}, expected a probability from 0 to 1", interpretation.abstain);
  smooth({}, interpretation.smoothing);  // refuses a bad window whatever the frames
  if (interpretation.rest && !(interpretation.rest->end > interpretation.rest->start)) {
    throw usage_error("baseline from {} to {} s: expected an end after the start", interpretation.rest->start,
                      interpretation.rest->end);
  }
  if (interpretation.rest || interpretation.baseline) require_neutral(analysis.classes);
  if (interpretation.prior != ExpectedPrior::train && analysis.class_prior.empty()) {
    throw data_error(
        "the model does not say which share of its training each class had, so no other prior can be "
        "reckoned with: train it anew, or leave --prior out");
  }
}

/// Of each face, from its own frames in `rest`.
void judge_by_own_rest(Tracks& tracks, const TimeRange& rest, VideoAnalysis& analysis) {
  bool anybody = false;
  for (auto& [id, track] : tracks) {
    std::vector<float> rows;
    for (const TrackPoint& point : track) {
      if (point.frame->timestamp >= rest.start && point.frame->timestamp < rest.end)
        append(rows, point.face->probabilities);
    }
    if (rows.empty()) {
      analysis.warnings.push_back(
          fmt::format("face {} is not seen from {} to {} s: it has no baseline and is not corrected by one",
                      id, rest.start, rest.end));
      continue;
    }
    anybody = true;
    const NeutralBaseline baseline =
        neutral_baseline(rows, analysis.classes.size(), require_neutral(analysis.classes));
    for (const TrackPoint& point : track)
      point.face->corrected = relative_to(baseline, point.face->corrected);
  }
  if (!anybody && !tracks.empty())
    throw data_error("{}: nobody is seen from {} to {} s, where the baseline should be", analysis.video,
                     rest.start, rest.end);
}

std::vector<double> wanted_prior(const Tracks& tracks, ExpectedPrior expected,
                                 std::span<const double> trained) {
  if (expected == ExpectedPrior::uniform)
    return std::vector<double>(trained.size(), 1 / static_cast<double>(trained.size()));
  std::vector<float> rows;
  for (const auto& [id, track] : tracks) {
    double next = 0;  // neighbouring frames say the same, and the estimate counts each row as news
    for (const TrackPoint& point : track) {
      if (point.frame->timestamp < next) continue;
      append(rows, point.face->corrected);
      next = point.frame->timestamp + kNews - kTimeTolerance;
    }
  }
  return estimate_prior(rows, trained);
}

void correct(Tracks& tracks, VideoAnalysis& analysis) {
  const Interpretation& interpretation = analysis.interpretation;
  for (auto& [id, track] : tracks) {
    for (const TrackPoint& point : track) {
      point.face->corrected = interpretation.baseline
                                  ? relative_to(*interpretation.baseline, point.face->probabilities)
                                  : point.face->probabilities;
    }
  }
  if (interpretation.rest) judge_by_own_rest(tracks, *interpretation.rest, analysis);
  if (interpretation.prior == ExpectedPrior::train) return;
  const auto wanted = wanted_prior(tracks, interpretation.prior, analysis.class_prior);
  for (auto& [id, track] : tracks) {
    for (const TrackPoint& point : track)
      point.face->corrected = with_prior(point.face->corrected, analysis.class_prior, wanted);
  }
}

void smooth_track(std::span<const TrackPoint> track, const Smoothing& smoothing) {
  std::vector<TimedProbabilities> rows;
  for (const TrackPoint& point : track) rows.push_back({point.frame->timestamp, point.face->evidence()});
  std::vector<SmoothedRow> smoothed = smooth(rows, smoothing);
  for (std::size_t i = 0; i < track.size(); ++i) {
    track[i].face->smoothed = std::move(smoothed[i].probabilities);
    track[i].face->smoothed_label = smoothed[i].label;
  }
}

}  // namespace

ExpectedPrior expected_prior(std::string_view name) {
  const auto found = std::ranges::find(kPriors, name);
  if (found == kPriors.end()) {
    const std::vector<std::string> names(kPriors.begin(), kPriors.end());
    throw usage_error("unknown prior '{}', expected one of {}{}", name, join(names, ", "),
                      did_you_mean(name, names));
  }
  return static_cast<ExpectedPrior>(found - kPriors.begin());
}

std::string correction_text(const Interpretation& interpretation) {
  std::vector<std::string> parts;
  if (interpretation.rest)
    parts.push_back(fmt::format("baseline {}-{} s", interpretation.rest->start, interpretation.rest->end));
  if (interpretation.baseline) parts.push_back("baseline " + interpretation.baseline_name);
  if (interpretation.prior != ExpectedPrior::train)
    parts.push_back(fmt::format("prior {}", kPriors[static_cast<std::size_t>(interpretation.prior)]));
  return parts.empty() ? "none" : join(parts, ", ");
}

int require_neutral(const ClassList& classes) {
  if (const auto neutral = classes.find("neutral")) return *neutral;
  throw usage_error("a baseline needs the class neutral, and the model's are {}",
                    join(std::vector<std::string>(classes.names().begin(), classes.names().end()), ", "));
}

void interpret(VideoAnalysis& analysis, const Interpretation& interpretation) {
  check(interpretation, analysis);
  analysis.interpretation = interpretation;
  Tracks tracks = tracks_of(analysis);
  for (auto& [id, track] : tracks) {
    for (const TrackPoint& point : track) point.face->corrected.clear();
  }
  if (interpretation.corrects()) correct(tracks, analysis);
  for (const auto& [id, track] : tracks) smooth_track(track, interpretation.smoothing);
}

}  // namespace fer
