#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "ffmpeg.hpp"

namespace fer {

/// The first sound of a file, read front to back in constant memory, as packets that MP4 takes and browsers
/// play: AAC and MP3 as they are stored, all else encoded anew as AAC (mono or stereo).
class SoundTrack {
 public:
  virtual ~SoundTrack() = default;

  virtual const AVCodecParameters& parameters() const = 0;

  /// Of the packets.
  virtual AVRational time_base() const = 0;

  /// The next packet, if there is one; each starts after the one before. Times count from the zero given to
  /// open_sound(). Packets of a moment before it are among them: decoders need them to warm up, and players
  /// leave out what they give.
  virtual bool next(AVPacket& packet) = 0;

  /// What could not be read, complete after the last packet.
  virtual std::optional<std::string> damage() const = 0;
};

/// `zero`: what the file's own clock shows at time 0, seconds. Null if there is no sound in the file. Throws
/// an error that gives the reason for a sound that can be neither copied nor decoded.
std::unique_ptr<SoundTrack> open_sound(const std::filesystem::path& path, double zero);

}  // namespace fer
