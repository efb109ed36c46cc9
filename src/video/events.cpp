#include "fer/video/events.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>

#include "fer/core/error.hpp"

namespace fer {
namespace {

/// The run a face is in, if its label counts.
using OpenEvents = std::map<int, std::optional<ExpressionEvent>>;

void extend(ExpressionEvent& event, const SampledFrame& frame, float probability) {
  event.offset = frame.timestamp + frame.seconds;
  if (probability <= event.peak_prob) return;
  event.peak_prob = probability;
  event.apex = frame.timestamp;
}

}  // namespace

std::vector<ExpressionEvent> find_events(const VideoAnalysis& analysis, double shortest) {
  if (!(shortest >= 0)) throw usage_error("shortest event: {} s, expected 0 or more", shortest);
  const std::optional<int> neutral = analysis.classes.find("neutral");
  std::vector<ExpressionEvent> events;
  const auto close = [&](std::optional<ExpressionEvent>& event) {
    if (event && event->offset - event->onset >= shortest - kTimeTolerance) events.push_back(*event);
    event.reset();
  };

  OpenEvents open;
  for (const SampledFrame& frame : analysis.frames) {
    for (const FaceResult& face : frame.faces) {
      std::optional<ExpressionEvent>& event = open[face.face_id];
      const std::optional<int> label = smoothed_label_of(face, analysis.interpretation.abstain);
      if (event && event->label != label) close(event);
      if (!label || label == neutral) continue;
      if (!event)
        event = {.face_id = face.face_id, .label = *label, .onset = frame.timestamp, .apex = frame.timestamp};
      extend(*event, frame, face.smoothed[static_cast<std::size_t>(*label)]);
    }
  }
  for (auto& [id, event] : open) close(event);
  std::ranges::sort(events, {},
                    [](const ExpressionEvent& event) { return std::tuple(event.onset, event.face_id); });
  return events;
}

}  // namespace fer
