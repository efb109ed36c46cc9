#include "fer/video/frame_source.hpp"

#include <algorithm>
#include <cmath>

namespace fer {

std::int64_t VideoFacts::frames_before(double end) const {
  const double seconds = duration_seconds.value_or(0);
  const double all = frames_announced > 0 ? static_cast<double>(frames_announced) : seconds * fps;
  const double share = seconds > 0 ? std::clamp(end / seconds, 0.0, 1.0) : 1.0;
  return std::llround(all * share);
}

}  // namespace fer
