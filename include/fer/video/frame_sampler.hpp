#pragma once

#include <cstdint>
#include <limits>

#include "fer/video/frame_source.hpp"

namespace fer {

/// Containers round times to as little as a millisecond: times this close are the same time.
inline constexpr double kTimeTolerance = 1e-3;

/// By what frames are chosen.
enum class SamplingMethod {
  rate,     ///< so many frames a second, by time
  every_n,  ///< every n-th frame, by index
  all,
};

/// Which frames of a recording are looked at.
struct Sampling {
  SamplingMethod method = SamplingMethod::rate;
  double fps = 3.0;                                      ///< `rate`: frames a second, > 0
  std::int64_t every_n = 10;                             ///< `every_n`: > 0
  double start = 0.0;                                    ///< seconds; frames before it are left out
  double end = std::numeric_limits<double>::infinity();  ///< seconds; so are this one and those after it
};

/// Chooses the frames to analyse, from their index and time alone, as they come by.
///
/// `rate`: for k = 0, 1, 2 … the first frame at or after first + k / fps, `first` being the time of the
/// video's first frame; no frame is taken twice, so a video slower than `fps` gives each frame once. The
/// choice does not depend on `start` and `end`: an excerpt's frames are among those of the whole video.
class FrameSampler {
 public:
  /// Throws a usage error for a rate or step that is not positive, or an end that is not after the start.
  explicit FrameSampler(const Sampling& sampling);

  /// Call once for each frame, in order.
  bool take(const Frame& frame);

  /// No frame from this time on will be taken.
  bool finished(double timestamp) const { return timestamp >= sampling_.end; }

 private:
  bool chosen(const Frame& frame);

  Sampling sampling_;
  bool started_ = false;
  double first_ = 0;
  double next_step_ = 0;  ///< the smallest k not served yet
};

}  // namespace fer
