#include "mp4_file.hpp"

#include <utility>

#include "fer/core/error.hpp"

namespace fer {

Mp4File::Mp4File(std::filesystem::path path) : path_(std::move(path)), file_(path_) {
  quiet_ffmpeg();
  const std::string url = "file:" + file_.temporary_path().string();
  check(avformat_alloc_output_context2(&format_, nullptr, "mp4", url.c_str()));
  const int opened = avio_open(&format_->pb, url.c_str(), AVIO_FLAG_WRITE);
  if (opened >= 0) return;
  avformat_free_context(format_);
  check(opened);
}

Mp4File::~Mp4File() {
  avio_closep(&format_->pb);
  avformat_free_context(format_);
}

int Mp4File::add_stream(const AVCodecParameters& parameters, AVRational time_base) {
  AVStream* stream = avformat_new_stream(format_, nullptr);
  if (!stream) throw std::bad_alloc();
  check(avcodec_parameters_copy(stream->codecpar, &parameters));
  stream->codecpar->codec_tag = 0;  // another container's name for the codec
  stream->time_base = time_base;
  return stream->index;
}

void Mp4File::begin() {
  AVDictionary* options = nullptr;
  av_dict_set(&options, "movflags", "+faststart", 0);
  // Else a late start and the durations are rounded to milliseconds. An older FFmpeg ignores it.
  av_dict_set(&options, "movie_timescale", "60000", 0);
  const int begun = avformat_write_header(format_, &options);
  av_dict_free(&options);
  check(begun);
}

bool Mp4File::write(AVPacket& packet, int stream, AVRational time_base) {
  packet.stream_index = stream;
  packet.pos = -1;
  av_packet_rescale_ts(&packet, time_base, format_->streams[stream]->time_base);
  const int written = av_write_frame(format_, &packet);
  check(format_->pb->error);
  return written >= 0;
}

void Mp4File::commit() {
  check(av_write_trailer(format_));
  check(format_->pb->error);
  check(avio_closep(&format_->pb));
  file_.commit();
}

void Mp4File::check(int result) const {
  if (result < 0) throw failure("{}: cannot write: {}", path_.string(), ffmpeg_reason(result));
}

}  // namespace fer
