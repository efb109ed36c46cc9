#include "track_finder.hpp"

#include <algorithm>
#include <utility>

#include "fer/vision/boxes.hpp"

namespace fer {
namespace {

/// The face with that id, or nothing.
const TrackedFace* find_id(std::span<const TrackedFace> faces, int id) {
  const auto found = std::ranges::find(faces, id, &TrackedFace::id);
  return found == faces.end() ? nullptr : &*found;
}

bool are_the_same(std::span<const TrackedFace> a, std::span<const TrackedFace> b) {
  return a.size() == b.size() &&
         std::ranges::all_of(a, [&](const TrackedFace& face) { return find_id(b, face.id) != nullptr; });
}

FaceDetection between(const FaceDetection& from, const FaceDetection& to, float share) {
  FaceDetection face{.box = fer::between(from.box, to.box, share), .score = std::min(from.score, to.score)};
  if (from.landmarks.size() != to.landmarks.size()) return face;
  for (std::size_t i = 0; i < from.landmarks.size(); ++i)
    face.landmarks.push_back(from.landmarks[i] + share * (to.landmarks[i] - from.landmarks[i]));
  return face;
}

/// Faces that are the same at both ends, a share of the way from one to the other.
std::vector<TrackedFace> between(std::span<const TrackedFace> from, std::span<const TrackedFace> to,
                                 float share) {
  std::vector<TrackedFace> faces;
  for (const TrackedFace& face : to)
    faces.push_back({.id = face.id, .face = between(find_id(from, face.id)->face, face.face, share)});
  return faces;
}

}  // namespace

TrackFinder::TrackFinder(const Tracking& options, std::unique_ptr<FaceDetector> detector)
    : tracker_(options), detector_(std::move(detector)) {}

std::vector<std::vector<TrackedFace>> TrackFinder::find(const FrameGroup& group,
                                                        std::span<const FaceDetection> last_detections) {
  if (group.new_shot) tracker_.begin_shot();
  const double end = group.frames.back().frame.timestamp;
  const std::span in_between(group.frames.begin(), group.frames.end() - 1);
  std::vector<std::vector<TrackedFace>> found;

  FaceTracker ahead = tracker_;
  std::vector<TrackedFace> at_end = ahead.update(end, last_detections);
  if (are_the_same(faces_, at_end)) {
    for (const SampledImage& sampled : in_between) {
      const double share = (sampled.frame.timestamp - timestamp_) / (end - timestamp_);
      found.push_back(between(faces_, at_end, static_cast<float>(share)));
    }
    tracker_ = std::move(ahead);
  } else {
    for (const SampledImage& sampled : in_between)
      found.push_back(tracker_.update(sampled.frame.timestamp, detector_->detect(sampled.image)));
    at_end = tracker_.update(end, last_detections);
  }
  timestamp_ = end;
  faces_ = at_end;
  found.push_back(std::move(at_end));
  return found;
}

}  // namespace fer
