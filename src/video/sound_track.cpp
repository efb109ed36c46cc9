#include "sound_track.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "aac_sound.hpp"
#include "channels.hpp"
#include "fer/core/error.hpp"
#include "sound_reader.hpp"

namespace fer {
namespace {

/// Of the packets before time 0, those a decoder may need to warm up.
constexpr double kLead = 0.1;  // seconds

/// AAC out of a stream for broadcasting has its description in each packet, and MP4 wants it in front.
bool can_be_copied(const AVCodecParameters& sound) {
  if (sound.codec_id == AV_CODEC_ID_AAC) return sound.extradata_size > 0;
  return sound.codec_id == AV_CODEC_ID_MP3;
}

/// The packets as they are stored.
class CopiedSound : public SoundTrack {
 public:
  explicit CopiedSound(SoundReader reader) : reader_(std::move(reader)) {}

  const AVCodecParameters& parameters() const override { return *reader_.stream()->codecpar; }
  AVRational time_base() const override { return reader_.stream()->time_base; }

  bool next(AVPacket& packet) override {
    const auto earliest = static_cast<std::int64_t>(std::floor(-kLead / av_q2d(time_base())));
    do {
      if (!reader_.read(packet)) return false;
      if (packet.pts == AV_NOPTS_VALUE) packet.pts = packet.dts != AV_NOPTS_VALUE ? packet.dts : end_;
      packet.dts = packet.pts;
    } while (packet.pts + packet.duration <= earliest || (last_ && packet.pts <= *last_));
    last_ = packet.pts;
    end_ = packet.pts + packet.duration;
    return true;
  }

  std::optional<std::string> damage() const override {
    if (!reader_.break_reason()) return std::nullopt;
    return "it breaks off: " + *reader_.break_reason();
  }

 private:
  SoundReader reader_;
  std::optional<std::int64_t> last_;
  std::int64_t end_ = 0;
};

}  // namespace

std::unique_ptr<SoundTrack> open_sound(const std::filesystem::path& path, double zero) {
  SoundReader reader(path, zero);
  if (!reader.stream()) return nullptr;
  const AVCodecParameters& sound = *reader.stream()->codecpar;
  if (sound.sample_rate <= 0 || channels_of(sound) <= 0)
    throw data_error("{}: states no sample rate or channels", path.string());
  if (can_be_copied(sound)) return std::make_unique<CopiedSound>(std::move(reader));
  return std::make_unique<AacSound>(std::move(reader));
}

}  // namespace fer
