#pragma once

#include <span>
#include <vector>

#include "fer/video/box_motion.hpp"
#include "fer/vision/face_detector.hpp"

namespace fer {

/// When two detections are one face.
struct Tracking {
  double max_gap = 1.0;  ///< seconds, > 0: how long a face may be unseen and still be the same
  float min_score = 0;   ///< weaker detections begin no track; they only carry one on
};

/// A detection and whose it is.
struct TrackedFace {
  int id = 0;
  FaceDetection face;
};

/// Gives faces ids that stay from frame to frame: the association of SORT (Bewley et al. 2016) in the two
/// rounds of ByteTrack (Zhang et al. 2022), strong detections first, then weak ones for the tracks that are
/// left. Pairs are made from the closest on (distance-IoU, Zheng et al. 2020), between detections and where
/// a Kalman filter expects each face or, whichever is nearer, it was seen last: heads also turn back. A face
/// may have moved further the longer it was not seen.
/// A face that comes back later than `max_gap`, or in another shot, has a new id. Copies are independent.
class FaceTracker {
 public:
  /// Throws a usage error for a gap that is not positive.
  explicit FaceTracker(const Tracking& options);

  /// The detections of the next frame that are faces, in their order, each with its id. Ids count from 0 in
  /// the order of appearance. `timestamp` must be later than that of the frame before.
  std::vector<TrackedFace> update(double timestamp, std::span<const FaceDetection> detections);

  /// What follows is another shot: no face continues.
  void begin_shot() { tracks_.clear(); }

 private:
  struct Track {
    int id;
    BoxMotion motion;
    double seen;               ///< when it was last
    cv::Rect2f last;           ///< and where
    cv::Rect2f expected = {};  ///< where it should be in the frame at hand
    bool matched = false;      ///< it has a detection in the frame at hand
  };

  void expect(double timestamp);
  void associate(double timestamp, std::span<const FaceDetection> detections, bool strong,
                 std::vector<int>& ids);

  Tracking options_;
  std::vector<Track> tracks_ = {};
  int next_id_ = 0;
};

}  // namespace fer
