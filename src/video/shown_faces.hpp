#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "fer/video/analysis.hpp"

namespace fer {

/// A face in a frame that need not have been sampled.
struct ShownFace {
  const FaceResult* result;  ///< of the sampled frame at or before
  cv::Rect2f box;            ///< where it is now
};

/// How many of `frames` come no later than the frame of this index: the last of them is the one at or before.
std::size_t sampled_until(std::span<const SampledFrame> frames, std::int64_t frame);

/// The faces to show at `now`: those of the sampled frame at or before, moved towards where the next one has
/// them. A face that is not there any more is shown until half way.
std::vector<ShownFace> shown_faces(std::span<const SampledFrame> frames, const Frame& now);

/// A place where no face may be recognised.
struct CoveredArea {
  cv::Rect2f area = {};  ///< pixels
  float face_side = 0;   ///< the longer side of the face in it
};

/// Which places to cover when, so that no face shows between sampled frames either.
class FaceCover {
 public:
  explicit FaceCover(std::span<const SampledFrame> frames);

  std::span<const CoveredArea> at(std::int64_t frame) const;

 private:
  void cover(std::size_t first, std::size_t last, const CoveredArea& area);
  void cover_track(std::span<const std::size_t> seen, std::span<const cv::Rect2f> boxes);
  void cover_others(std::size_t sample);
  std::size_t begin_before(std::size_t sample) const;
  std::size_t end_after(std::size_t sample) const;

  std::span<const SampledFrame> frames_;
  std::vector<std::vector<CoveredArea>> areas_;  // [i]: from sampled frame i - 1 to i; the last: to the end
};

}  // namespace fer
