#pragma once

#include <opencv2/core.hpp>
#include <span>
#include <string>

#include "ffmpeg.hpp"

namespace fer {

struct PictureFormat {
  cv::Size size;
  double fps = 25;  ///< nominal
  int threads = 2;
};

/// Encodes RGB pictures, in the order they are shown. Sizes are made even, and at least 16 x 16, by repeating
/// the right and bottom edge. Colours are stored as BT.709 from 720 lines on and BT.601 below, and say so.
class PictureEncoder {
 public:
  /// Times are in ticks of this: fine, and MPEG-4 Part 2 takes none finer.
  static constexpr AVRational kTimeBase = {1, 60000};

  /// Opens the first of these of FFmpeg's encoders that is there. Throws a failure if none is.
  PictureEncoder(const PictureFormat& format, std::span<const std::string> encoders);

  const AVCodecContext& codec() const { return *codec_; }

  /// Takes a picture of the format's size; `time` is above that of the one before.
  void send(const cv::Mat& rgb, std::int64_t time);
  void send_end();

  /// The next packet, if one is ready; their order is that of the pictures.
  bool receive(AVPacket& packet);

 private:
  void convert(const cv::Mat& rgb);

  cv::Size size_;
  cv::Mat padded_;
  FfmpegPtr<AVCodecContext> codec_;
  FfmpegPtr<SwsContext> scaler_;
  FfmpegPtr<AVFrame> picture_;
};

}  // namespace fer
