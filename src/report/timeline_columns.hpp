#pragma once

#include <vector>

#include "fer/video/analysis.hpp"

namespace fer {

/// What one or more sampled frames in a row say of a face, on average.
struct TimelineColumn {
  double time = 0;               ///< seconds
  double end = 0;                ///< of the last frame's time
  std::vector<double> raw = {};  ///< probabilities, in class order
  std::vector<double> smoothed = {};
};

/// Columns without one between them in which the face was not seen; at least one.
using TimelineRun = std::vector<TimelineColumn>;

struct FaceTimeline {
  int id = 0;
  std::size_t frames = 0;
  std::vector<TimelineRun> runs = {};
};

/// In which share of the frames between two times some face was seen; above 0.
struct Coverage {
  double begin = 0;
  double end = 0;
  double share = 0;
};

struct Timeline {
  double begin = 0;                      ///< seconds, of the first sampled frame
  double end = 1;                        ///< after begin
  std::vector<FaceTimeline> faces = {};  ///< those with the most frames, by id
  std::size_t left_out = 0;              ///< faces that are not among them
  std::size_t left_out_frames = 0;       ///< at most, of each of these
  std::vector<Coverage> coverage = {};
};

/// What a timeline of at most so many faces shows. The number of columns is bounded whatever the video's
/// length and number of classes, so that the picture stays small.
Timeline timeline_of(const VideoAnalysis& analysis, std::size_t most_faces);

}  // namespace fer
