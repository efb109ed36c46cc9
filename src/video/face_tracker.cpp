#include "fer/video/face_tracker.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "fer/core/error.hpp"
#include "fer/vision/boxes.hpp"

namespace fer {
namespace {

constexpr int kNobody = -1;

// How far from where it is expected a face may be, in sides of its box: at once, per second unseen, at most.
constexpr double kReach = 0.5;
constexpr double kReachPerSecond = 2.5;
constexpr double kFarthestReach = 1.5;
constexpr float kGrowth = 2.5F;  // at most, of the area

/// Distance-IoU, -1..1; nothing where the boxes cannot be one face that was unseen for so many seconds.
std::optional<double> closeness(const cv::Rect2f& expected, const cv::Rect2f& seen, double unseen) {
  const float larger = std::max(expected.area(), seen.area());
  const float smaller = std::min(expected.area(), seen.area());
  const double distance = cv::norm(middle(expected) - middle(seen));
  const double reach = std::sqrt(larger) * std::min(kReach + kReachPerSecond * unseen, kFarthestReach);
  if (distance > reach || larger > kGrowth * smaller) return std::nullopt;
  const cv::Rect2f around = expected | seen;
  const double diagonal = std::hypot(around.width, around.height);
  return overlap(expected, seen) - distance * distance / (diagonal * diagonal);
}

}  // namespace

FaceTracker::FaceTracker(const Tracking& options) : options_(options) {
  if (!(options.max_gap > 0)) throw usage_error("longest gap: {} s, expected above 0", options.max_gap);
}

std::vector<TrackedFace> FaceTracker::update(double timestamp, std::span<const FaceDetection> detections) {
  expect(timestamp);
  std::vector<int> ids(detections.size(), kNobody);
  associate(timestamp, detections, /*strong=*/true, ids);
  associate(timestamp, detections, /*strong=*/false, ids);

  std::vector<TrackedFace> faces;
  for (std::size_t i = 0; i < detections.size(); ++i) {
    if (ids[i] == kNobody) {
      if (detections[i].score < options_.min_score) continue;
      ids[i] = next_id_++;
      tracks_.push_back({.id = ids[i],
                         .motion = {detections[i].box, timestamp},
                         .seen = timestamp,
                         .last = detections[i].box});
    }
    faces.push_back({.id = ids[i], .face = detections[i]});
  }
  return faces;
}

/// Forgets the tracks that were not seen for too long, and moves the others on.
void FaceTracker::expect(double timestamp) {
  std::erase_if(tracks_, [&](const Track& track) { return timestamp - track.seen > options_.max_gap; });
  for (Track& track : tracks_) {
    track.expected = track.motion.predict(timestamp);
    track.matched = false;
  }
}

/// Gives the strong (or weak) detections among those without an id the ids of tracks without a detection.
void FaceTracker::associate(double timestamp, std::span<const FaceDetection> detections, bool strong,
                            std::vector<int>& ids) {
  struct Pair {
    double closeness;
    std::size_t track;
    std::size_t detection;
  };
  std::vector<Pair> pairs;
  for (std::size_t d = 0; d < detections.size(); ++d) {
    if ((detections[d].score >= options_.min_score) != strong) continue;
    for (std::size_t t = 0; t < tracks_.size(); ++t) {
      const Track& track = tracks_[t];
      const double unseen = timestamp - track.seen;
      const auto value = std::max(closeness(track.expected, detections[d].box, unseen),
                                  closeness(track.last, detections[d].box, unseen));
      if (value) pairs.push_back({*value, t, d});
    }
  }
  std::ranges::stable_sort(pairs, std::greater{}, &Pair::closeness);
  for (const Pair& pair : pairs) {
    Track& track = tracks_[pair.track];
    if (track.matched || ids[pair.detection] != kNobody) continue;
    track.matched = true;
    track.seen = timestamp;
    track.last = detections[pair.detection].box;
    track.motion.correct(detections[pair.detection].box);
    ids[pair.detection] = track.id;
  }
}

}  // namespace fer
