#pragma once

#include <vector>

#include "fer/video/analysis.hpp"

namespace fer {

/// A face shows one expression without a break.
struct ExpressionEvent {
  int face_id = 0;
  int label = 0;
  double onset = 0;     ///< seconds: the first frame with this label
  double apex = 0;      ///< the frame in which its probability is highest, the first of equals
  double offset = 0;    ///< the end of the last frame's time
  float peak_prob = 0;  ///< smoothed, at the apex
};

/// The runs of one smoothed label, not `neutral` and not uncertain, that last at least `shortest` seconds; by
/// onset, then face. A face that was away for a moment and kept its id goes on. Call after interpret().
/// Throws a usage error for a negative length.
std::vector<ExpressionEvent> find_events(const VideoAnalysis& analysis, double shortest);

}  // namespace fer
