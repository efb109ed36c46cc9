#include "sound_copy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "fer/core/error.hpp"
#include "picture_encoder.hpp"

namespace fer {

SoundCopy::SoundCopy(Mp4File& file, std::unique_ptr<SoundTrack> track)
    : file_(file),
      track_(std::move(track)),
      stream_(file.add_stream(track_->parameters(), track_->time_base())),
      packet_(owned(av_packet_alloc())) {}

void SoundCopy::advance(std::int64_t time) {
  while (fetch() && compare(packet_->pts + packet_->duration, time) <= 0) write();
}

void SoundCopy::finish(std::int64_t end) {
  for (; fetch() && compare(packet_->pts, end) < 0; write()) {
    const std::int64_t rest =
        av_rescale_q(end, PictureEncoder::kTimeBase, track_->time_base()) - packet_->pts;
    packet_->duration = std::clamp<std::int64_t>(rest, 1, std::max<std::int64_t>(packet_->duration, 1));
  }
}

std::optional<std::string> SoundCopy::damage() const {
  if (error_) return error_;
  if (refused_ > 0) return fmt::format("{} packets do not fit into MP4", refused_);
  return track_->damage();
}

bool SoundCopy::fetch() {
  if (fetched_) return true;
  if (ended_) return false;
  try {
    fetched_ = track_->next(*packet_);
  } catch (const Error& error) {
    error_ = error.what();
  }
  ended_ = !fetched_;
  return fetched_;
}

void SoundCopy::write() {
  fetched_ = false;
  if (!file_.write(*packet_, stream_, track_->time_base())) ++refused_;
}

int SoundCopy::compare(std::int64_t sound, std::int64_t pictures) const {
  return av_compare_ts(sound, track_->time_base(), pictures, PictureEncoder::kTimeBase);
}

}  // namespace fer
