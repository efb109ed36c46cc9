#include "picture_encoder.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/core.hpp>
#include <string_view>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

void check_picture(int result, std::string_view what) {
  if (result < 0) throw failure("a video picture cannot be {}: {}", what, ffmpeg_reason(result));
}

cv::Size coded_size(cv::Size size) {
  const auto even = [](int length) { return std::max(16, length + length % 2); };
  return {even(size.width), even(size.height)};
}

/// "superfast" takes two thirds of the time of "veryfast" for a quarter more bytes.
void choose_quality(AVCodecContext& codec, std::string_view encoder, AVDictionary*& options) {
  if (encoder == "libx264") {
    av_dict_set(&options, "preset", "superfast", 0);
    av_dict_set(&options, "crf", "23", 0);
  } else if (encoder == "mpeg4") {
    codec.flags |= AV_CODEC_FLAG_QSCALE;
    codec.global_quality = 4 * FF_QP2LAMBDA;
  } else {
    codec.bit_rate = std::llround(0.1 * codec.width * codec.height * av_q2d(codec.framerate));
  }
}

/// Nothing if this FFmpeg does not have it, or it does not work here.
FfmpegPtr<AVCodecContext> open_encoder(const std::string& name, const PictureFormat& format) {
  const AVCodec* encoder = avcodec_find_encoder_by_name(name.c_str());
  if (!encoder) return nullptr;
  auto codec = owned(avcodec_alloc_context3(encoder));
  const cv::Size size = coded_size(format.size);
  codec->width = size.width;
  codec->height = size.height;
  codec->pix_fmt = AV_PIX_FMT_YUV420P;
  codec->sample_aspect_ratio = {1, 1};
  codec->time_base = PictureEncoder::kTimeBase;
  codec->framerate = av_d2q(format.fps, 100000);
  codec->gop_size = std::clamp(static_cast<int>(std::lround(2 * format.fps)), 1, 250);
  // Pictures leave in the order they are shown: the times are those of decoding too, to the tick.
  codec->max_b_frames = 0;
  codec->thread_count = format.threads;
  codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  codec->color_range = AVCOL_RANGE_MPEG;
  codec->color_primaries = AVCOL_PRI_BT709;
  codec->color_trc = AVCOL_TRC_BT709;
  codec->colorspace = size.height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;

  AVDictionary* options = nullptr;
  choose_quality(*codec, name, options);
  const int opened = avcodec_open2(codec.get(), encoder, &options);
  av_dict_free(&options);
  return opened < 0 ? nullptr : std::move(codec);
}

FfmpegPtr<SwsContext> rgb_to_yuv(const AVCodecContext& codec) {
  auto scaler =
      owned(sws_getContext(codec.width, codec.height, AV_PIX_FMT_RGB24, codec.width, codec.height,
                           codec.pix_fmt, SWS_BILINEAR | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
  const int* matrix = sws_getCoefficients(codec.colorspace);
  sws_setColorspaceDetails(scaler.get(), matrix, 1, matrix, 0, 0, 1 << 16, 1 << 16);
  return scaler;
}

}  // namespace

PictureEncoder::PictureEncoder(const PictureFormat& format, std::span<const std::string> encoders)
    : size_(format.size) {
  quiet_ffmpeg();
  for (const std::string& name : encoders) {
    codec_ = open_encoder(name, format);
    if (codec_) break;
  }
  if (!codec_) {
    throw failure("FFmpeg has none of these video encoders for {} x {}: {}", size_.width, size_.height,
                  join(encoders, ", "));
  }
  scaler_ = rgb_to_yuv(*codec_);
  picture_ = owned(av_frame_alloc());
  picture_->format = codec_->pix_fmt;
  picture_->width = codec_->width;
  picture_->height = codec_->height;
  check_picture(av_frame_get_buffer(picture_.get(), 0), "allocated");
}

void PictureEncoder::send(const cv::Mat& rgb, std::int64_t time) {
  if (rgb.size() != size_ || rgb.type() != CV_8UC3) {
    throw failure("a frame to write is {} x {}, expected RGB of {} x {}", rgb.cols, rgb.rows, size_.width,
                  size_.height);
  }
  check_picture(av_frame_make_writable(picture_.get()), "allocated");
  convert(rgb);
  picture_->pts = time;
  check_picture(avcodec_send_frame(codec_.get(), picture_.get()), "encoded");
}

void PictureEncoder::send_end() { check_picture(avcodec_send_frame(codec_.get(), nullptr), "encoded"); }

bool PictureEncoder::receive(AVPacket& packet) {
  const int received = avcodec_receive_packet(codec_.get(), &packet);
  if (received == AVERROR(EAGAIN) || received == AVERROR_EOF) return false;
  check_picture(received, "encoded");
  return true;
}

void PictureEncoder::convert(const cv::Mat& rgb) {
  cv::Mat source = rgb;
  if (rgb.cols != codec_->width || rgb.rows != codec_->height) {
    cv::copyMakeBorder(rgb, padded_, 0, codec_->height - rgb.rows, 0, codec_->width - rgb.cols,
                       cv::BORDER_REPLICATE);
    source = padded_;
  }
  const std::array<const std::uint8_t*, 4> planes = {source.data};
  const std::array<int, 4> strides = {static_cast<int>(source.step)};
  sws_scale(scaler_.get(), planes.data(), strides.data(), 0, source.rows, picture_->data, picture_->linesize);
}

}  // namespace fer
