#include "fer/video/peak_pictures.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "fer/core/stop.hpp"
#include "fer/video/coding_sample.hpp"
#include "fer/video/frame_sampler.hpp"

namespace fer {
namespace {

/// Where the event's face is at its apex.
struct Apex {
  std::size_t event;
  double timestamp;
  cv::Rect2f box;
};

std::optional<Apex> apex_of(const VideoAnalysis& analysis, std::span<const ExpressionEvent> events,
                            std::size_t event) {
  const double time = events[event].apex;
  const auto frame = std::ranges::lower_bound(analysis.frames, time, {}, &SampledFrame::timestamp);
  if (frame == analysis.frames.end()) return std::nullopt;
  const auto face = std::ranges::find(frame->faces, events[event].face_id, &FaceResult::face_id);
  if (face == frame->faces.end()) return std::nullopt;
  return Apex{.event = event, .timestamp = time, .box = face->box};
}

/// Reads on to the frame of a time.
class Reading {
 public:
  Reading(FrameSource& source, const StopFn& stop) : source_(source), stop_(stop) {}

  /// Whether the current frame is the one of that time, which is not before those asked for until now.
  bool go_to(double timestamp) {
    if (now_ < timestamp - kTimeTolerance) source_.skip_towards(timestamp);
    while (now_ < timestamp - kTimeTolerance) {
      if (stop_ && stop_()) throw Stopped();
      const auto frame = decoded_++ < kMostFramesForPeaks ? source_.next() : std::nullopt;
      if (!frame) return false;
      now_ = frame->timestamp;
    }
    return std::abs(now_ - timestamp) <= kTimeTolerance;
  }

 private:
  FrameSource& source_;
  const StopFn& stop_;
  std::size_t decoded_ = 0;
  double now_ = -1;
};

}  // namespace

std::vector<std::size_t> choose_peaks(std::span<const ExpressionEvent> events, std::size_t wanted) {
  std::map<int, std::vector<std::size_t>> by_label;
  for (std::size_t i = 0; i < events.size(); ++i) by_label[events[i].label].push_back(i);
  for (auto& [label, list] : by_label)
    std::ranges::stable_sort(list, std::greater<>(), [&](std::size_t i) { return events[i].peak_prob; });
  std::vector<std::size_t> chosen;
  for (std::size_t rank = 0; chosen.size() < std::min(wanted, events.size()); ++rank) {
    for (const auto& [label, list] : by_label) {
      if (rank < list.size() && chosen.size() < wanted) chosen.push_back(list[rank]);
    }
  }
  std::ranges::sort(chosen);
  return chosen;
}

std::vector<PeakPicture> peak_pictures(FrameSource& source, const VideoAnalysis& analysis,
                                       std::span<const ExpressionEvent> events,
                                       std::span<const std::size_t> chosen, const AnalysisControl& control) {
  std::vector<Apex> apices;
  for (const std::size_t event : chosen) {
    if (const auto apex = apex_of(analysis, events, event)) apices.push_back(*apex);
  }
  std::ranges::stable_sort(apices, {}, &Apex::timestamp);
  Reading reading(source, control.stop);
  std::vector<PeakPicture> pictures;
  for (std::size_t i = 0; i < apices.size(); ++i) {
    if (reading.go_to(apices[i].timestamp))
      pictures.push_back({.event = apices[i].event, .rgb = coding_picture(source.image(), apices[i].box)});
    if (control.progress) control.progress(i + 1, apices.size());
  }
  std::ranges::sort(pictures, {}, &PeakPicture::event);
  return pictures;
}

}  // namespace fer
