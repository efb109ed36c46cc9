#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/audio_fifo.h>
#include <libavutil/frame.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
}

#include <filesystem>
#include <memory>
#include <new>
#include <string>

namespace fer {

/// A format context is taken for one that reads.
struct FfmpegDeleter {
  void operator()(AVFormatContext* format) const { avformat_close_input(&format); }
  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
  void operator()(AVCodecParameters* parameters) const { avcodec_parameters_free(&parameters); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
  void operator()(SwrContext* resampler) const { swr_free(&resampler); }
  void operator()(AVAudioFifo* samples) const { av_audio_fifo_free(samples); }
};

template <class T>
using FfmpegPtr = std::unique_ptr<T, FfmpegDeleter>;

/// What one of FFmpeg's allocating functions gave.
template <class T>
FfmpegPtr<T> owned(T* pointer) {
  if (!pointer) throw std::bad_alloc();
  return FfmpegPtr<T>(pointer);
}

/// Keeps FFmpeg from printing what it thinks of a file to stderr, unless somebody chose a log level before.
/// To be called before anything is opened.
void quiet_ffmpeg();

/// Opens a file to read, and finds out what streams it has.
/// Throws a data error that names the path and the reason.
FfmpegPtr<AVFormatContext> open_container(const std::filesystem::path& path);

/// Opens the decoder for a stream of the file. Throws a data error that names the path and the reason.
FfmpegPtr<AVCodecContext> open_decoder(const std::filesystem::path& path, const AVStream& stream,
                                       int threads);

/// FFmpeg's own words for an error code.
inline std::string ffmpeg_reason(int code) {
  std::string text(AV_ERROR_MAX_STRING_SIZE, '\0');
  av_strerror(code, text.data(), text.size());
  text.resize(text.find('\0'));
  return text;
}

}  // namespace fer
