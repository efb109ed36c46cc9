#include "video_stream.hpp"

#include <algorithm>
#include <cmath>

#include "fer/core/error.hpp"

namespace fer {
namespace {

double end_of(const AVPacket& packet, const AVFormatContext& format) {
  const auto start = packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts;
  if (start == AV_NOPTS_VALUE) return 0;
  return static_cast<double>(start + packet.duration) *
         av_q2d(format.streams[packet.stream_index]->time_base);
}

}  // namespace

VideoStream::VideoStream(const std::filesystem::path& path, int threads) : format_(open_container(path)) {
  const int index = av_find_best_stream(format_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (index < 0) throw data_error("{}: there is no video in it", path.string());
  stream_ = format_->streams[index];
  // FFmpeg also renders text files, as pictures of their letters.
  if (stream_->codecpar->codec_id == AV_CODEC_ID_ANSI)
    throw data_error("{}: a text, not a video", path.string());
  if (stream_->disposition & AV_DISPOSITION_ATTACHED_PIC)
    throw data_error("{}: there is no video in it, only a cover picture", path.string());
  codec_ = open_decoder(path, *stream_, threads);
  packet_ = owned(av_packet_alloc());
  picture_ = owned(av_frame_alloc());
}

bool VideoStream::advance() {
  for (;;) {
    const int received = avcodec_receive_frame(codec_.get(), picture_.get());
    if (received == AVERROR_EOF) return false;
    if (received == AVERROR(EAGAIN)) {
      feed();
    } else if (received < 0) {
      ++damages_;
    } else {
      if (picture_->decode_error_flags != 0 || picture_->flags & AV_FRAME_FLAG_CORRUPT) ++damages_;
      return true;
    }
  }
}

bool VideoStream::skip_to(double time) {
  const auto ticks = static_cast<std::int64_t>(std::floor(time / av_q2d(stream_->time_base)));
  if (av_seek_frame(format_.get(), stream_->index, ticks, AVSEEK_FLAG_BACKWARD) < 0) return false;
  avcodec_flush_buffers(codec_.get());
  return true;
}

/// Gives the decoder the next packet, or tells it that there is none.
void VideoStream::feed() {
  int read = 0;
  do {
    av_packet_unref(packet_.get());
    read = av_read_frame(format_.get(), packet_.get());
    if (read >= 0) reach_ = std::max(reach_, end_of(*packet_, *format_));
  } while (read >= 0 && packet_->stream_index != stream_->index);

  if (read < 0) {
    if (read != AVERROR_EOF) break_reason_ = ffmpeg_reason(read);
    avcodec_send_packet(codec_.get(), nullptr);
    return;
  }
  if (avcodec_send_packet(codec_.get(), packet_.get()) < 0) ++damages_;
}

double VideoStream::pixel_aspect() const {
  const AVRational aspect = av_guess_sample_aspect_ratio(format_.get(), stream_, picture_.get());
  const double value = aspect.den > 0 ? av_q2d(aspect) : 0.0;
  return value >= 0.25 && value <= 4.0 ? value : 1.0;
}

}  // namespace fer
