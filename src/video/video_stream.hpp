#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "ffmpeg.hpp"

namespace fer {

/// The video stream of a file and its decoder: pictures in presentation order, times as the file has them.
class VideoStream {
 public:
  /// Throws a data error that names the path and the reason.
  VideoStream(const std::filesystem::path& path, int threads);

  const AVFormatContext& format() const { return *format_; }
  const AVStream& stream() const { return *stream_; }
  const AVCodecContext& codec() const { return *codec_; }

  /// Makes the next picture the current one; false at the end of what can be read.
  bool advance();

  /// Goes to the last key picture at or before that time, in seconds on the file's own clock, which advance()
  /// then gives. Where the file cannot be read from there, false, and nothing has changed.
  bool skip_to(double time);

  const AVFrame& picture() const { return *picture_; }

  /// The pixels' width over their height; 1 where the file states none or nonsense.
  double pixel_aspect() const;

  /// Where the last packet of any stream ended, in seconds on the file's own clock; 0 before the first.
  double reach() const { return reach_; }

  /// Why reading ended before the end of the file, or nothing.
  const std::optional<std::string>& break_reason() const { return break_reason_; }

  /// How many packets or pictures were damaged or missing in part.
  std::int64_t damages() const { return damages_; }

 private:
  void feed();

  FfmpegPtr<AVFormatContext> format_;
  AVStream* stream_ = nullptr;
  FfmpegPtr<AVCodecContext> codec_;
  FfmpegPtr<AVPacket> packet_;
  FfmpegPtr<AVFrame> picture_;
  double reach_ = 0;
  std::optional<std::string> break_reason_;
  std::int64_t damages_ = 0;
};

}  // namespace fer
