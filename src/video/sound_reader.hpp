#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "ffmpeg.hpp"

namespace fer {

/// The packets of a file's first sound, with times that count from `zero` on the file's own clock.
class SoundReader {
 public:
  /// Throws a data error that names the path and the reason if the file cannot be opened.
  SoundReader(std::filesystem::path path, double zero);

  const std::filesystem::path& path() const { return path_; }

  /// Null if there is none.
  const AVStream* stream() const { return stream_; }

  /// False at the end, or where the file breaks off.
  bool read(AVPacket& packet);

  const std::optional<std::string>& break_reason() const { return break_reason_; }

 private:
  std::filesystem::path path_;
  FfmpegPtr<AVFormatContext> format_;
  AVStream* stream_ = nullptr;
  std::int64_t zero_ = 0;  ///< in ticks of the stream
  std::optional<std::string> break_reason_;
};

}  // namespace fer
