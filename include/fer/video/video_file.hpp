#pragma once

#include "fer/video/frame_source.hpp"

namespace fer {

/// A recorded video, read front to back in constant memory through FFmpeg's libraries (OpenCV's reader has no
/// usable times). The video stream is found wherever it lies; a cover picture is none.
///
/// Times are the presentation times stored in the file, on the container's clock, whose zero is the
/// container's start. Where one is missing or does not increase, the frame is placed one average frame
/// interval after the one before, and a warning says so.
class VideoFile : public FrameSource {
 public:
  /// Decodes with up to `threads` threads, the frames being the same for any number.
  /// Throws a data error that names the path and the reason for a file that is missing, empty, no video
  /// (audio only, a text), needs a decoder FFmpeg lacks, or has not one frame that can be decoded.
  explicit VideoFile(std::filesystem::path path, int threads = 2);
  ~VideoFile() override;
  VideoFile(VideoFile&&) noexcept;
  VideoFile& operator=(VideoFile&&) noexcept;

  const std::filesystem::path& path() const override;
  const VideoFacts& facts() const override;
  std::optional<Frame> next() override;

  /// To the key picture before it, from more than 10 s away and where pictures have times of their own.
  void skip_towards(double timestamp) override;

  /// Of facts().width x facts().height: mirrored and turned as the file asks, and stretched where its pixels
  /// are not square.
  cv::Mat image() const override;

  cv::Mat thumbnail() const override;
  bool damaged() const override;
  std::vector<std::string> warnings() const override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace fer
