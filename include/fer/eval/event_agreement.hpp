#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fer {

/// Something with a beginning and an end, in seconds, offset >= onset.
struct TimedEvent {
  int track = 0;  ///< numbers the video and the face in it; events of two tracks are never partners
  int label = 0;  ///< likewise of two labels
  double onset = 0;
  double offset = 0;
};

/// Which events of two raters may be partners.
struct EventCriterion {
  double tolerance = 0.5;          ///< seconds between the two onsets, and between the two offsets, at most
  std::optional<double> iou = {};  ///< instead: intersection over union of their times, at least; above 0
};

/// Two events that are one, by their positions.
struct EventPair {
  std::size_t human;
  std::size_t model;
};

/// One-to-one: as many pairs as there can be (maximum bipartite matching, as in mir_eval), and of all such
/// matchings the one with the smallest sum of |onset error| + |offset error|, or the largest sum of IoUs.
/// Taking the best pair first can leave two events alone that both had a partner. By position in `human`.
std::vector<EventPair> match_events(std::span<const TimedEvent> human, std::span<const TimedEvent> model,
                                    const EventCriterion& criterion = {});

/// Each share is 0 where its denominator is.
struct EventCounts {
  std::int64_t human = 0;
  std::int64_t model = 0;
  std::int64_t matched = 0;
  double precision = 0;
  double recall = 0;
  double f1 = 0;
  /// Over the pairs, in seconds; nothing without a pair. An error is the model's time less the human's.
  std::optional<double> onset_error = {};
  std::optional<double> offset_error = {};
  std::optional<double> onset_distance = {};  ///< mean of the errors' sizes
  std::optional<double> offset_distance = {};
};

/// How far two raters agree on events: over all, by class, and who met whom.
struct EventAgreement {
  EventCounts overall = {};
  std::vector<EventCounts> per_class = {};
  std::vector<EventPair> pairs = {};
};

/// match_events(), counted. Labels are 0..classes-1. Throws a usage error for a tolerance that is negative or
/// an IoU outside (0, 1], a failure for a label out of range.
EventAgreement event_agreement(std::span<const TimedEvent> human, std::span<const TimedEvent> model,
                               int classes, const EventCriterion& criterion = {});

}  // namespace fer
