#include "sound_reader.hpp"

#include <cmath>
#include <utility>

namespace fer {

SoundReader::SoundReader(std::filesystem::path path, double zero)
    : path_(std::move(path)), format_(open_container(path_)) {
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    AVStream* stream = format_->streams[i];
    if (!stream_ && stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO) {
      stream_ = stream;
    } else {
      stream->discard = AVDISCARD_ALL;
    }
  }
  if (stream_) zero_ = std::llround(zero / av_q2d(stream_->time_base));
}

bool SoundReader::read(AVPacket& packet) {
  do {
    av_packet_unref(&packet);
    const int result = av_read_frame(format_.get(), &packet);
    if (result < 0) {
      if (result != AVERROR_EOF) break_reason_ = ffmpeg_reason(result);
      return false;
    }
  } while (packet.stream_index != stream_->index);
  if (packet.pts != AV_NOPTS_VALUE) packet.pts -= zero_;
  if (packet.dts != AV_NOPTS_VALUE) packet.dts -= zero_;
  return true;
}

}  // namespace fer
