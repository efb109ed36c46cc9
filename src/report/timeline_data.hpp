#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>

#include "fer/report/video_report.hpp"

namespace fer {

/// What templates/timeline.js draws, and how it was thinned out.
struct TimelineData {
  nlohmann::ordered_json json;
  std::size_t frames_per_bucket = 1;
  std::size_t faces_left_out = 0;
  std::size_t events_left_out = 0;
};

inline constexpr std::size_t kTimelineBytes = 2'600'000;  // before base64, which makes four of three
inline constexpr std::size_t kMostFacesShown = 300;
inline constexpr std::size_t kMostEventsShown = 2'000;

/// Sampled frames are put into buckets of as many consecutive ones each as it takes to stay within
/// kTimelineBytes. As JSON:
///   begin, end        seconds that the axis spans
///   player_starts_at  seconds
///   classes, colours, abstain
///   kinds             names of the kinds of probabilities; the last is smoothed
///   start             when each bucket begins, in 0.1 ms: unsigned, 4 bytes, little-endian; base64
///   coverage          the share of each bucket's frames with a face: a byte, 255 for all; base64
///   faces             those seen most first: id, text, seen [from, until], first (bucket),
///                     labels: the most frequent smoothed one of each bucket from the first on, a byte: 254
///                     uncertain, 255 not seen; kinds [{mean, low, high}]: probabilities by bucket and class,
///                     a byte each, 255 for 1, low and high only where a bucket has several frames; base64
///   events            face, label, onset, apex, offset, peak; in the order of time
///   markers           those of this video: start, end, condition
TimelineData timeline_data(const VideoReport& report);

}  // namespace fer
