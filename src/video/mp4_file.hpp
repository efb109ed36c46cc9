#pragma once

#include <filesystem>

#include "fer/core/files.hpp"
#include "ffmpeg.hpp"

namespace fer {

/// An MP4 file being written, with its index in front so that it plays while it loads. It appears whole or
/// not at all. All functions throw a failure that names the path and the reason if the file cannot be
/// written.
class Mp4File {
 public:
  explicit Mp4File(std::filesystem::path path);
  ~Mp4File();
  Mp4File(const Mp4File&) = delete;
  Mp4File& operator=(const Mp4File&) = delete;

  /// Adds a stream, before begin(); the result is its number.
  int add_stream(const AVCodecParameters& parameters, AVRational time_base);

  void begin();

  /// Appends a packet whose times are in `time_base`; those of all streams come in the order of time.
  /// False if the packet is one that MP4 does not take.
  bool write(AVPacket& packet, int stream, AVRational time_base);

  /// Writes the index and moves the file to its place.
  void commit();

 private:
  void check(int result) const;

  std::filesystem::path path_;
  AtomicFile file_;
  AVFormatContext* format_ = nullptr;
};

}  // namespace fer
