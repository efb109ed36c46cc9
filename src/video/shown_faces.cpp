#include "shown_faces.hpp"

#include <algorithm>
#include <map>

#include "fer/vision/boxes.hpp"

namespace fer {
namespace {

constexpr double kCoverSeconds = 0.25;  // before a face is first found, and after it is lost
constexpr float kCoverMargin = 0.25F;   // of the face's side, on each of its sides

float side(const cv::Rect2f& box) { return std::max(box.width, box.height); }

CoveredArea cover_of(const cv::Rect2f& a, const cv::Rect2f& b) {
  const auto enlarged = [](const cv::Rect2f& box) {
    const float margin = kCoverMargin * side(box);
    return cv::Rect2f(box.x - margin, box.y - margin, box.width + 2 * margin, box.height + 2 * margin);
  };
  return {.area = enlarged(a) | enlarged(b), .face_side = std::min(side(a), side(b))};
}

struct Neighbour {
  cv::Rect2f box;
  bool same;  ///< it is surely the same face
};

/// Where a face without an id may be in a neighbouring sampled frame, as a classified one or not.
std::optional<Neighbour> neighbour(const SampledFrame& frame, const cv::Rect2f& box) {
  std::vector<cv::Rect2f> boxes = frame.others;
  for (const FaceResult& face : frame.faces) boxes.push_back(face.box);
  const auto distance = [&](const cv::Rect2f& other) {
    return cv::norm(middle(other) - middle(box)) / std::max(side(box), 1.0F);
  };
  const auto found = std::ranges::min_element(boxes, {}, distance);
  if (found == boxes.end() || distance(*found) > 1.5) return std::nullopt;
  return Neighbour{.box = *found, .same = distance(*found) < 0.5};
}

}  // namespace

std::size_t sampled_until(std::span<const SampledFrame> frames, std::int64_t frame) {
  return static_cast<std::size_t>(std::ranges::upper_bound(frames, frame, {}, &SampledFrame::frame) -
                                  frames.begin());
}

std::vector<ShownFace> shown_faces(std::span<const SampledFrame> frames, const Frame& now) {
  const std::size_t until = sampled_until(frames, now.index);
  if (until == 0) return {};
  const SampledFrame& before = frames[until - 1];
  const SampledFrame* after = until < frames.size() ? &frames[until] : nullptr;
  const double span = after ? after->timestamp - before.timestamp : 2 * before.seconds;
  const double part = span > 0 ? (now.timestamp - before.timestamp) / span : 0;

  std::vector<ShownFace> shown;
  for (const FaceResult& face : before.faces) {
    const FaceResult* next = nullptr;
    if (after) {
      const auto found = std::ranges::find(after->faces, face.face_id, &FaceResult::face_id);
      if (found != after->faces.end()) next = &*found;
    }
    if (next) {
      shown.push_back({&face, between(face.box, next->box, static_cast<float>(part))});
    } else if (part < 0.5) {
      shown.push_back({&face, face.box});
    }
  }
  return shown;
}

FaceCover::FaceCover(std::span<const SampledFrame> frames) : frames_(frames), areas_(frames.size() + 1) {
  struct Track {
    std::vector<std::size_t> seen;
    std::vector<cv::Rect2f> boxes;
  };
  std::map<int, Track> tracks;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    for (const FaceResult& face : frames[i].faces) {
      tracks[face.face_id].seen.push_back(i);
      tracks[face.face_id].boxes.push_back(face.box);
    }
    cover_others(i);
  }
  for (const auto& [id, track] : tracks) cover_track(track.seen, track.boxes);
}

std::span<const CoveredArea> FaceCover::at(std::int64_t frame) const {
  return areas_[sampled_until(frames_, frame)];
}

void FaceCover::cover(std::size_t first, std::size_t last, const CoveredArea& area) {
  for (std::size_t i = first; i <= last; ++i) areas_[i].push_back(area);
}

void FaceCover::cover_track(std::span<const std::size_t> seen, std::span<const cv::Rect2f> boxes) {
  cover(begin_before(seen.front()), seen.front(), cover_of(boxes.front(), boxes.front()));
  for (std::size_t i = 1; i < seen.size(); ++i)
    cover(seen[i - 1] + 1, seen[i], cover_of(boxes[i - 1], boxes[i]));
  cover(seen.back() + 1, end_after(seen.back()), cover_of(boxes.back(), boxes.back()));
}

void FaceCover::cover_others(std::size_t sample) {
  for (const cv::Rect2f& box : frames_[sample].others) {
    std::optional<Neighbour> earlier;
    std::optional<Neighbour> later;
    if (sample > 0) earlier = neighbour(frames_[sample - 1], box);
    if (sample + 1 < frames_.size()) later = neighbour(frames_[sample + 1], box);
    if (earlier) cover(sample, sample, cover_of(earlier->box, box));
    if (!earlier || !earlier->same) cover(begin_before(sample), sample, cover_of(box, box));
    if (later) cover(sample + 1, sample + 1, cover_of(box, later->box));
    if (!later || !later->same) cover(sample + 1, end_after(sample), cover_of(box, box));
  }
}

/// The first place in areas_ to cover for a face that is first found in this sampled frame.
std::size_t FaceCover::begin_before(std::size_t sample) const {
  const double begin = frames_[sample].timestamp - kCoverSeconds;
  std::size_t first = sample;
  while (first > 0 && frames_[first - 1].timestamp > begin) --first;
  return first;
}

/// The last place in areas_ to cover for a face that is last found in this sampled frame.
std::size_t FaceCover::end_after(std::size_t sample) const {
  const double end = frames_[sample].timestamp + kCoverSeconds;
  std::size_t last = sample + 1;
  while (last < frames_.size() && frames_[last].timestamp <= end) ++last;
  return last;
}

}  // namespace fer
