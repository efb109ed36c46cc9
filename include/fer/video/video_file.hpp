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
  int width = 0;                           ///< of the images: upright and with square pixels
  int height = 0;                          ///< likewise
  double fps = 0;                          ///< average frame rate; 0 where the container gives none
  std::optional<double> duration_seconds;  ///< when the pictures end; of the stream, else of the container
  std::int64_t frames_announced = 0;       ///< 0 where the container gives none; count by reading
  std::string codec;
  int rotation = 0;                  ///< clockwise turn that made the images upright: 0, 90, 180 or 270
  bool variable_frame_rate = false;  ///< a hint: average and base frame rate differ
  double zero = 0;                   ///< what the file's own clock shows at timestamp 0, seconds
};

struct Frame {
  std::int64_t index = 0;  ///< 0-based, in presentation order
  double timestamp = 0;    ///< seconds on the container's clock, whose zero is the container's start
};

/// A recorded video, read front to back in constant memory through FFmpeg's libraries (OpenCV's reader has no
/// usable times). The video stream is found wherever it lies; a cover picture is none.
///
/// Times are the presentation times stored in the file, strictly increasing and never negative. Where one is
/// missing or does not increase, the frame is placed one average frame interval after the one before, and a
/// warning says so.
class VideoFile {
 public:
  /// Decodes with up to `threads` threads, the frames being the same for any number.
  /// Throws a data error that names the path and the reason for a file that is missing, empty, no video
  /// (audio only, a text), needs a decoder FFmpeg lacks, or has not one frame that can be decoded.
  explicit VideoFile(std::filesystem::path path, int threads = 2);
  ~VideoFile();
  VideoFile(VideoFile&&) noexcept;
  VideoFile& operator=(VideoFile&&) noexcept;

  const std::filesystem::path& path() const;
  const VideoFacts& facts() const;

  /// Decodes the next frame; nothing at the end, or where the file breaks off. Throws nothing for bad data.
  std::optional<Frame> next();

  /// The frame that next() returned last: RGB, 8 bits, facts().width x facts().height, continuous, owning its
  /// memory. Mirrored and turned as the file asks, and stretched where its pixels are not square.
  /// Throws a failure before the first frame and after the last.
  cv::Mat image() const;

  /// True once something could not be read: frames are missing, or were decoded from damaged data.
  bool damaged() const;

  /// Sentences about what is odd with the file, complete after the last frame; without the path.
  std::vector<std::string> warnings() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fer
