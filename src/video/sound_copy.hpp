#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "mp4_file.hpp"
#include "sound_track.hpp"

namespace fer {

/// A sound on its way into the file: whatever is wrong with it ends it, not the video.
class SoundCopy {
 public:
  SoundCopy(Mp4File& file, std::unique_ptr<SoundTrack> track);

  /// Copies what ends by `time`, in ticks of the pictures.
  void advance(std::int64_t time);

  /// Copies what is left, and cuts it off at `end`.
  void finish(std::int64_t end);

  std::optional<std::string> damage() const;

 private:
  /// Whether there is a packet to write.
  bool fetch();
  void write();
  int compare(std::int64_t sound, std::int64_t pictures) const;

  Mp4File& file_;
  std::unique_ptr<SoundTrack> track_;
  int stream_;
  FfmpegPtr<AVPacket> packet_;
  bool fetched_ = false;
  bool ended_ = false;
  std::int64_t refused_ = 0;
  std::optional<std::string> error_;
};

}  // namespace fer
