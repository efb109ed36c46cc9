#pragma once

#include <memory>
#include <span>
#include <vector>

#include "fer/video/face_tracker.hpp"
#include "frame_groups.hpp"

namespace fer {

/// Makes tracks of detections: which faces are in each frame of a group, from what the detector saw in its
/// last one.
class TrackFinder {
 public:
  /// The detector looks at the frames between where faces come or go.
  TrackFinder(const Tracking& options, std::unique_ptr<FaceDetector> detector);

  /// The faces of each frame of the group, by id; groups come in their order.
  std::vector<std::vector<TrackedFace>> find(const FrameGroup& group,
                                             std::span<const FaceDetection> last_detections);

  std::string_view detector_name() const { return detector_->name(); }

 private:
  FaceTracker tracker_;
  std::unique_ptr<FaceDetector> detector_;
  double timestamp_ = 0;            ///< of the last frame so far
  std::vector<TrackedFace> faces_;  ///< that are in it
};

}  // namespace fer
