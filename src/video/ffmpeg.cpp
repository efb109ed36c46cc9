#include "ffmpeg.hpp"

#include <mutex>

#include "fer/core/error.hpp"

namespace fer {

// FFmpeg has but one log level per process: its own global state, which we change here and nowhere else,
// once.
void quiet_ffmpeg() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (av_log_get_level() == AV_LOG_INFO) av_log_set_level(AV_LOG_QUIET);
  });
}

FfmpegPtr<AVFormatContext> open_container(const std::filesystem::path& path) {
  std::error_code ignored;
  const auto status = std::filesystem::status(path, ignored);
  if (!std::filesystem::exists(status)) throw data_error("{}: no such video file", path.string());
  if (std::filesystem::is_directory(status))
    throw data_error("{}: a folder, not a video file", path.string());
  if (std::filesystem::is_regular_file(status) && std::filesystem::file_size(path, ignored) == 0)
    throw data_error("{}: the file is empty", path.string());

  quiet_ffmpeg();
  // "file:" keeps a name with a colon from being taken for an address; the list, a playlist from opening one.
  AVDictionary* options = nullptr;
  av_dict_set(&options, "protocol_whitelist", "file", 0);
  AVFormatContext* format = nullptr;
  const int opened = avformat_open_input(&format, ("file:" + path.string()).c_str(), nullptr, &options);
  av_dict_free(&options);
  if (opened < 0) throw data_error("{}: cannot be read as a video: {}", path.string(), ffmpeg_reason(opened));
  FfmpegPtr<AVFormatContext> container(format);
  const int analysed = avformat_find_stream_info(format, nullptr);
  if (analysed < 0)
    throw data_error("{}: cannot be read as a video: {}", path.string(), ffmpeg_reason(analysed));
  return container;
}

FfmpegPtr<AVCodecContext> open_decoder(const std::filesystem::path& path, const AVStream& stream,
                                       int threads) {
  const char* kind = av_get_media_type_string(stream.codecpar->codec_type);
  const AVCodec* decoder = avcodec_find_decoder(stream.codecpar->codec_id);
  if (!decoder) {
    throw data_error("{}: FFmpeg has no decoder for its {} codec '{}'", path.string(), kind,
                     avcodec_get_name(stream.codecpar->codec_id));
  }
  auto codec = owned(avcodec_alloc_context3(decoder));
  codec->pkt_timebase = stream.time_base;
  codec->thread_count = threads;
  int result = avcodec_parameters_to_context(codec.get(), stream.codecpar);
  if (result >= 0) result = avcodec_open2(codec.get(), decoder, nullptr);
  if (result < 0) {
    throw data_error("{}: its {} codec '{}' cannot be decoded: {}", path.string(), kind, decoder->name,
                     ffmpeg_reason(result));
  }
  return codec;
}

}  // namespace fer
