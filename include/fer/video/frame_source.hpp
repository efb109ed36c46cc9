#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <vector>

namespace fer {

/// What is known before the frames are read: the container's claims, some of which are often wrong.
struct VideoFacts {
  int width = 0;   ///< of the images: upright and with square pixels
  int height = 0;  ///< likewise
  double fps = 0;  ///< average frame rate; 0 where the container gives none
  std::optional<double> duration_seconds =
      {};                             ///< when the pictures end; of the stream, else of the container
  std::int64_t frames_announced = 0;  ///< 0 where the container gives none; count by reading
  std::string codec = {};
  int rotation = 0;                  ///< clockwise turn that made the images upright: 0, 90, 180 or 270
  bool variable_frame_rate = false;  ///< a hint: average and base frame rate differ
  double zero = 0;                   ///< what the file's own clock shows at timestamp 0, seconds

  /// How many frames there may be before a time in seconds, by what the container says; 0: not known.
  std::int64_t frames_before(double end) const;

  /// Nominal seconds from one frame to the next; a 25th where the rate is not known.
  double frame_interval() const { return 1.0 / (fps > 0 ? fps : 25.0); }
};

/// Which frame it is, and when.
struct Frame {
  std::int64_t index = 0;  ///< 0-based, in presentation order
  double timestamp = 0;    ///< seconds, strictly increasing, never negative
};

/// Frames one after the other, in constant memory: a video file or a folder of pictures.
class FrameSource {
 public:
  virtual ~FrameSource() = default;

  virtual const std::filesystem::path& path() const = 0;
  virtual const VideoFacts& facts() const = 0;

  /// Goes to the next frame; nothing at the end, or where the recording breaks off. Throws nothing for bad
  /// data.
  virtual std::optional<Frame> next() = 0;

  /// Goes on near that time, at or before it, where that saves reading much; else stays where it is. What
  /// next() gives from then on has its own time, but a number that means nothing.
  virtual void skip_towards(double /*timestamp*/) {}

  /// The frame that next() returned last: upright RGB, 8 bits, continuous, owning its memory.
  /// Throws a failure before the first frame and after the last.
  virtual cv::Mat image() const = 0;

  /// A small grey picture of that frame, of one size for all frames, as it is stored: not turned. Cheap
  /// enough to be asked of every frame.
  virtual cv::Mat thumbnail() const = 0;

  /// True once something could not be read: frames are missing, or were decoded from damaged data.
  virtual bool damaged() const = 0;

  /// Sentences about what is odd with the recording, complete after the last frame; without the path.
  virtual std::vector<std::string> warnings() const = 0;
};

/// Size of a thumbnail.
inline constexpr int kThumbnailWidth = 64;
inline constexpr int kThumbnailHeight = 36;

}  // namespace fer
