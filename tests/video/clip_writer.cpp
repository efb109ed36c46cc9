#include "clip_writer.hpp"

#include <stdlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <stdexcept>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

#include "channels.hpp"

namespace fer::test {
namespace {

constexpr int kSoundRate = 8000;

int must(int result, const char* what) {
  if (result < 0) throw std::runtime_error(std::string("clip writer: ") + what);
  return result;
}

template <class T>
T* must(T* pointer, const char* what) {
  if (!pointer) throw std::runtime_error(std::string("clip writer: ") + what);
  return pointer;
}

/// One clip being written.
class ClipWriter {
 public:
  ClipWriter(const std::filesystem::path& path, const ClipSpec& spec) : spec_(spec) {
    av_log_set_level(AV_LOG_QUIET);
    must(avformat_alloc_output_context2(&format_, nullptr, nullptr, path.c_str()), "container");
    if (spec.sound_first) add_sound();
    add_video();
    must(avio_open(&format_->pb, path.c_str(), AVIO_FLAG_WRITE), "open");
    AVDictionary* options = nullptr;
    if (spec.front_index) av_dict_set(&options, "movflags", "+faststart", 0);
    const int begun = avformat_write_header(format_, &options);
    av_dict_free(&options);
    must(begun, "header");
  }

  ~ClipWriter() {
    sws_freeContext(scaler_);
    av_frame_free(&frame_);
    av_packet_free(&packet_);
    avcodec_free_context(&encoder_);
    if (format_) avio_closep(&format_->pb);
    avformat_free_context(format_);
  }

  void write() {
    if (sound_) write_sound(spec_.times.back() + 0.1);
    for (std::size_t i = 0; i < spec_.times.size(); ++i) {
      draw(i);
      frame_->pts = std::llround(spec_.times[i] * spec_.clock);
      must(avcodec_send_frame(encoder_, frame_), "encode");
      drain();
    }
    must(avcodec_send_frame(encoder_, nullptr), "flush");
    drain();
    must(av_write_trailer(format_), "trailer");
  }

 private:
  void add_sound() {
    sound_ = must(avformat_new_stream(format_, nullptr), "sound stream");
    AVCodecParameters& sound = *sound_->codecpar;
    sound.codec_type = AVMEDIA_TYPE_AUDIO;
    sound.codec_id = AV_CODEC_ID_PCM_S16LE;
    sound.format = AV_SAMPLE_FMT_S16;
    sound.sample_rate = kSoundRate;
    sound.bits_per_coded_sample = 16;
    sound.block_align = 2;
    sound.bit_rate = kSoundRate * 16;
    set_channels(sound, 1);
    sound_->time_base = {1, kSoundRate};
  }

  void add_video() {
    const AVCodec* codec = must(avcodec_find_encoder_by_name(spec_.codec.c_str()), "encoder");
    encoder_ = must(avcodec_alloc_context3(codec), "encoder");
    encoder_->width = spec_.size.width;
    encoder_->height = spec_.size.height;
    encoder_->pix_fmt = spec_.codec == "ffv1"    ? AV_PIX_FMT_YUV444P
                        : spec_.codec == "mjpeg" ? AV_PIX_FMT_YUVJ420P
                                                 : AV_PIX_FMT_YUV420P;
    encoder_->time_base = {1, spec_.clock};
    encoder_->gop_size = 12;
    encoder_->max_b_frames = spec_.b_frames;
    encoder_->bit_rate = 4'000'000;
    encoder_->flags |= AV_CODEC_FLAG_BITEXACT;
    if (spec_.bt709) encoder_->colorspace = AVCOL_SPC_BT709;
    encoder_->sample_aspect_ratio = av_d2q(spec_.pixel_aspect, 1000);
    if (format_->oformat->flags & AVFMT_GLOBALHEADER) encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    must(avcodec_open2(encoder_, codec, nullptr), "open encoder");

    video_ = must(avformat_new_stream(format_, nullptr), "video stream");
    must(avcodec_parameters_from_context(video_->codecpar, encoder_), "parameters");
    video_->time_base = encoder_->time_base;
    video_->sample_aspect_ratio = encoder_->sample_aspect_ratio;
    video_->avg_frame_rate = av_d2q(1 / interval(), 1000);
    if (spec_.clockwise != 0 || spec_.mirrored) {
      auto* matrix = reinterpret_cast<std::int32_t*>(
          av_stream_new_side_data(video_, AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(std::int32_t)));
      av_display_rotation_set(matrix, spec_.clockwise);
      av_display_matrix_flip(matrix, spec_.mirrored, 0);
    }

    packet_ = must(av_packet_alloc(), "packet");
    frame_ = must(av_frame_alloc(), "frame");
    frame_->format = encoder_->pix_fmt;
    frame_->width = spec_.size.width;
    frame_->height = spec_.size.height;
    must(av_frame_get_buffer(frame_, 0), "picture");
    scaler_ =
        must(sws_getContext(frame_->width, frame_->height, AV_PIX_FMT_RGB24, frame_->width, frame_->height,
                            encoder_->pix_fmt, SWS_BILINEAR | SWS_ACCURATE_RND, nullptr, nullptr, nullptr),
             "scaler");
    const int* matrix = sws_getCoefficients(spec_.bt709 ? SWS_CS_ITU709 : SWS_CS_ITU601);
    const int full_range = spec_.codec == "mjpeg" ? 1 : 0;
    sws_setColorspaceDetails(scaler_, matrix, 1, matrix, full_range, 0, 1 << 16, 1 << 16);
  }

  /// The mean time between frames, seconds.
  double interval() const {
    if (spec_.times.size() < 2) return 0.04;
    return (spec_.times.back() - spec_.times.front()) / static_cast<double>(spec_.times.size() - 1);
  }

  void draw(std::size_t index) {
    const cv::Mat rgb =
        spec_.picture ? spec_.picture(index) : cv::Mat(spec_.size, CV_8UC3, cv::Scalar::all(grey_of(index)));
    must(av_frame_make_writable(frame_), "picture");
    const std::array<const std::uint8_t*, 1> planes = {rgb.data};
    const std::array<int, 1> strides = {static_cast<int>(rgb.step)};
    sws_scale(scaler_, planes.data(), strides.data(), 0, rgb.rows, frame_->data, frame_->linesize);
  }

  void drain() {
    while (avcodec_receive_packet(encoder_, packet_) == 0) {
      packet_->stream_index = video_->index;
      packet_->duration = std::llround(interval() * spec_.clock);
      // Times that run back are stored as they are: only the order of decoding has to be in order.
      if (!std::ranges::is_sorted(spec_.times)) packet_->dts = written_ * packet_->duration;
      ++written_;
      av_packet_rescale_ts(packet_, encoder_->time_base, video_->time_base);
      must(av_interleaved_write_frame(format_, packet_), "write");
    }
  }

  void write_sound(double seconds) {
    const auto samples = static_cast<int>(seconds * kSoundRate);
    for (auto at = static_cast<int>(spec_.sound_start * kSoundRate); at < samples; at += kSoundRate / 10) {
      AVPacket* packet = must(av_packet_alloc(), "packet");
      must(av_new_packet(packet, 2 * kSoundRate / 10), "packet");
      for (int i = 0; i < kSoundRate / 10; ++i) {
        const float value = spec_.sound ? spec_.sound(static_cast<double>(at + i) / kSoundRate) : 0;
        const auto sample = static_cast<std::uint16_t>(std::lround(32767 * value));
        packet->data[2 * i] = static_cast<std::uint8_t>(sample & 255U);
        packet->data[2 * i + 1] = static_cast<std::uint8_t>(sample >> 8U);
      }
      packet->stream_index = sound_->index;
      packet->pts = packet->dts = at;
      packet->duration = kSoundRate / 10;
      av_packet_rescale_ts(packet, {1, kSoundRate}, sound_->time_base);
      const int written = av_interleaved_write_frame(format_, packet);
      av_packet_free(&packet);
      must(written, "write sound");
    }
  }

  const ClipSpec& spec_;
  AVFormatContext* format_ = nullptr;
  AVStream* sound_ = nullptr;
  AVStream* video_ = nullptr;
  AVCodecContext* encoder_ = nullptr;
  AVPacket* packet_ = nullptr;
  AVFrame* frame_ = nullptr;
  SwsContext* scaler_ = nullptr;
  std::int64_t written_ = 0;
};

}  // namespace

std::vector<double> even_times(std::size_t count, double fps, double first) {
  std::vector<double> times;
  for (std::size_t i = 0; i < count; ++i) times.push_back(first + static_cast<double>(i) / fps);
  return times;
}

void write_clip(const std::filesystem::path& path, const ClipSpec& spec) { ClipWriter(path, spec).write(); }

double grey_of(std::size_t index) { return 10.0 + 3.0 * static_cast<double>(index % 80); }

}  // namespace fer::test
