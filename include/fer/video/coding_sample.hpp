#pragma once

#include <cstdint>
#include <functional>
#include <opencv2/core.hpp>
#include <span>
#include <string>
#include <vector>

#include "fer/core/stop.hpp"
#include "fer/video/frame_source.hpp"

namespace fer {

/// A face in a sampled frame that a person may be asked to code.
struct SampleCandidate {
  std::size_t video = 0;
  int face_id = 0;
  double timestamp = 0;      ///< seconds
  std::string stratum = {};  ///< what the model calls it
};

/// A candidate that was drawn, by its position.
struct DrawnCandidate {
  std::size_t candidate = 0;
  double weight = 1;  ///< one over the probability to be drawn: candidates of the stratum per drawn one
};

/// Faces of one person are drawn this far apart in time, where there are others to draw.
inline constexpr double kSampleSpacing = 0.5;

/// Draws `wanted` candidates, and one of each stratum at least: from every stratum the same number as far as
/// it goes, and within it one from each of as many equal stretches of its candidates in the order of video,
/// face and time (systematic sampling from a random start), so that all are nearly as likely to be drawn and
/// videos, faces and times have their share. "Nearly", as one that would lie nearer than kSampleSpacing to
/// another drawn one of its face gives way to its next neighbour. In random order; the same seed draws the
/// same.
std::vector<DrawnCandidate> draw_coding_sample(std::span<const SampleCandidate> candidates,
                                               std::size_t wanted, std::uint64_t seed);

/// Pixels a side of a picture for coding.
inline constexpr int kCodingPictureSide = 512;

/// A face with its surroundings, in the middle of a square picture of kCodingPictureSide pixels, RGB; grey
/// where the frame ends. The same for every face, whatever its size.
cv::Mat coding_picture(const cv::Mat& rgb, const cv::Rect2f& face);

/// Calls `use` for each of the frames with these numbers, which ascend, in a source at its beginning. Throws
/// Stopped when asked to stop, and a failure if the recording ends before.
void visit_frames(FrameSource& source, std::span<const std::int64_t> frames,
                  const std::function<void(std::int64_t frame, const cv::Mat& rgb)>& use,
                  const StopFn& stop = {});

}  // namespace fer
