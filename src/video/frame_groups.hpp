#pragma once

#include <limits>
#include <optional>
#include <vector>

#include "fer/video/analyse_video.hpp"
#include "fer/video/cut_detector.hpp"
#include "fer/video/frame_sampler.hpp"
#include "fer/video/frame_source.hpp"

namespace fer {

struct SampledImage {
  Frame frame;
  cv::Mat image;  ///< RGB
};

/// Sampled frames of one shot that follow each other, of which the detector has to look at the last one: a
/// few frames later than the one it looked at before, so that faces in between can be placed between.
struct FrameGroup {
  bool new_shot = false;  ///< it is the first frame of a shot, alone
  std::vector<SampledImage> frames;
};

/// The shortest and longest time between neighbouring frames.
struct FrameIntervals {
  double shortest = std::numeric_limits<double>::infinity();
  double longest = 0;
  std::optional<double> last = {};

  void add(double timestamp);

  /// More than containers' rounding makes of an even rate.
  bool vary() const;
};

/// Cuts a recording into groups. Which frames make up a group follows from the recording alone, so that
/// results do not depend on who asks for the next group when.
class FrameGroups {
 public:
  /// Throws usage errors for sampling or `detect_every` out of range.
  FrameGroups(FrameSource& source, const AnalysisOptions& options, const AnalysisControl& control);

  /// Reads on; nothing at the end of the recording or of the excerpt.
  std::optional<FrameGroup> next();

  /// Of what was read until now.
  std::int64_t frames_total() const { return frames_total_; }
  std::int64_t cuts() const { return cuts_; }
  bool stopped() const { return stopped_; }
  const FrameIntervals& intervals() const { return intervals_; }

 private:
  struct Sampled {
    SampledImage image;
    bool new_shot;
  };

  std::optional<Frame> next_frame();
  std::optional<Sampled> next_sampled();
  bool complete(const FrameGroup& group) const;

  FrameSource& source_;
  FrameSampler sampler_;
  int detect_every_;
  std::size_t frames_expected_;  // 0: not known
  AnalysisControl control_;
  CutDetector cut_detector_;
  bool new_shot_ = true;            ///< a shot began since the last sampled frame
  std::optional<Sampled> pending_;  ///< begins the next group
  double last_detection_ = 0;       ///< its time
  std::int64_t frames_total_ = 0;
  std::int64_t cuts_ = 0;
  bool stopped_ = false;
  FrameIntervals intervals_;
};

}  // namespace fer
