#include "fer/video/coding_sample.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <set>
#include <tuple>

#include "fer/core/error.hpp"
#include "fer/core/random.hpp"
#include "fer/vision/boxes.hpp"

namespace fer {
namespace {

constexpr float kSurroundings = 1.8F;  // side of the picture in shares of the face's longer side

using Stratum = std::vector<std::size_t>;  // candidates, by video, face and time

/// Rarest first, so that they have the choice of times.
std::vector<Stratum> strata_of(std::span<const SampleCandidate> candidates) {
  std::map<std::string, Stratum> by_name;
  for (std::size_t i = 0; i < candidates.size(); ++i) by_name[candidates[i].stratum].push_back(i);
  std::vector<Stratum> strata;
  for (auto& [name, stratum] : by_name) {
    std::ranges::stable_sort(stratum, {}, [&](std::size_t i) {
      return std::tuple(candidates[i].video, candidates[i].face_id, candidates[i].timestamp);
    });
    strata.push_back(std::move(stratum));
  }
  std::ranges::stable_sort(strata, {}, &Stratum::size);
  return strata;
}

class Drawing {
 public:
  Drawing(std::span<const SampleCandidate> candidates, std::uint64_t seed)
      : candidates_(candidates), rng_(seed) {}

  void draw(const Stratum& stratum, std::size_t wanted) {
    const double stretch = static_cast<double>(stratum.size()) / static_cast<double>(wanted);
    const double start = rng_.uniform();
    std::vector<bool> taken(stratum.size());
    for (std::size_t k = 0; k < wanted; ++k) {
      const auto at = static_cast<std::size_t>((static_cast<double>(k) + start) * stretch);
      const std::size_t place = free_place(stratum, taken, std::min(at, stratum.size() - 1));
      taken[place] = true;
      take(stratum[place], stretch);
    }
  }

  std::vector<DrawnCandidate> shuffled() {
    rng_.shuffle(std::span(drawn_));
    return std::move(drawn_);
  }

 private:
  /// The nearest place to `at` that is not taken and, if there is one, not near in time to one that is.
  std::size_t free_place(const Stratum& stratum, const std::vector<bool>& taken, std::size_t at) const {
    std::optional<std::size_t> crowded;
    for (std::size_t away = 0; away < stratum.size(); ++away) {
      for (const std::size_t place : {at + away, at - away}) {  // below 0 it is far beyond the end
        if (place >= stratum.size() || taken[place]) continue;
        if (has_room(candidates_[stratum[place]])) return place;
        if (!crowded) crowded = place;
      }
    }
    return crowded.value();
  }

  bool has_room(const SampleCandidate& candidate) const {
    const auto track = times_.find({candidate.video, candidate.face_id});
    if (track == times_.end()) return true;
    const auto next = track->second.upper_bound(candidate.timestamp - kSampleSpacing);
    return next == track->second.end() || *next >= candidate.timestamp + kSampleSpacing;
  }

  void take(std::size_t candidate, double weight) {
    const SampleCandidate& face = candidates_[candidate];
    times_[{face.video, face.face_id}].insert(face.timestamp);
    drawn_.push_back({.candidate = candidate, .weight = weight});
  }

  std::span<const SampleCandidate> candidates_;
  Rng rng_;
  std::map<std::pair<std::size_t, int>, std::set<double>> times_;  // drawn, of each face
  std::vector<DrawnCandidate> drawn_;
};

}  // namespace

std::vector<DrawnCandidate> draw_coding_sample(std::span<const SampleCandidate> candidates,
                                               std::size_t wanted, std::uint64_t seed) {
  const std::vector<Stratum> strata = strata_of(candidates);
  Drawing drawing(candidates, seed);
  std::size_t left = std::max(wanted, strata.size());
  for (std::size_t i = 0; i < strata.size(); ++i) {
    const std::size_t share = std::min(strata[i].size(), left / (strata.size() - i));
    drawing.draw(strata[i], share);
    left -= share;
  }
  return drawing.shuffled();
}

cv::Mat coding_picture(const cv::Mat& rgb, const cv::Rect2f& face) {
  const float side = kSurroundings * std::max({face.width, face.height, 1.0F});
  const float scale = static_cast<float>(kCodingPictureSide) / side;
  const cv::Point2f centre = middle(face);
  const double half = kCodingPictureSide / 2.0;
  const cv::Matx23d map(scale, 0, half - scale * centre.x, 0, scale, half - scale * centre.y);
  cv::Mat picture;
  if (scale >= 0.5F) {
    cv::warpAffine(rgb, picture, map, {kCodingPictureSide, kCodingPictureSide}, cv::INTER_LINEAR,
                   cv::BORDER_CONSTANT, cv::Scalar::all(128));
    return picture;
  }
  // Far too large a face: averaged down first, as single pixels would flicker.
  cv::Mat smaller;
  cv::resize(rgb, smaller, {}, scale, scale, cv::INTER_AREA);
  return coding_picture(smaller, {face.x * scale, face.y * scale, face.width * scale, face.height * scale});
}

void visit_frames(FrameSource& source, std::span<const std::int64_t> frames,
                  const std::function<void(std::int64_t, const cv::Mat&)>& use, const StopFn& stop) {
  for (const std::int64_t wanted : frames) {
    std::optional<Frame> frame;
    do {
      if (stop && stop()) throw Stopped();
      frame = source.next();
    } while (frame && frame->index < wanted);
    if (!frame || frame->index != wanted)
      throw failure("{}: has no frame {} any more", source.path().string(), wanted);
    use(wanted, source.image());
  }
}

}  // namespace fer
