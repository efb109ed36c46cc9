#include "fer/video/video_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "fer/core/error.hpp"
#include "mp4_file.hpp"
#include "picture_encoder.hpp"
#include "sound_copy.hpp"

namespace fer {
namespace {

const VideoWriterOptions& checked(const VideoWriterOptions& options) {
  if (options.size.width < 1 || options.size.height < 1)
    throw usage_error("video of {} x {}: expected at least 1 x 1", options.size.width, options.size.height);
  if (!(options.fps > 0 && options.fps <= 1000))
    throw usage_error("video of {} frames a second: expected above 0 to 1000", options.fps);
  if (options.threads < 1) throw usage_error("video threads: {}, expected at least 1", options.threads);
  return options;
}

}  // namespace

class VideoWriter::Impl {
 public:
  Impl(const std::filesystem::path& path, const VideoWriterOptions& options)
      : path_(path),
        fps_(checked(options).fps),
        encoder_({.size = options.size, .fps = options.fps, .threads = options.threads}, options.encoders),
        file_(path),
        fresh_(owned(av_packet_alloc())),
        held_(owned(av_packet_alloc())) {
    if (encoder_.codec().codec_id != AV_CODEC_ID_H264) {
      warnings_.push_back(fmt::format(
          "the pictures are encoded as {}, which browsers do not play: no encoder for H.264 works here",
          avcodec_get_name(encoder_.codec().codec_id)));
    }
    const auto parameters = owned(avcodec_parameters_alloc());
    if (avcodec_parameters_from_context(parameters.get(), &encoder_.codec()) < 0) throw std::bad_alloc();
    stream_ = file_.add_stream(*parameters, PictureEncoder::kTimeBase);
    if (!options.sound_from.empty()) add_sound(options);
    file_.begin();
  }

  void write(const cv::Mat& rgb, double timestamp) {
    check_open();
    if (!(timestamp >= 0 && timestamp < 1e9) || (last_ && timestamp <= last_->seconds)) {
      throw failure("{}: a frame at {} s after one at {} s", path_.string(), timestamp,
                    last_ ? last_->seconds : 0.0);
    }
    const std::int64_t ticks = last_ ? std::max(last_->ticks + 1, ticks_of(timestamp)) : ticks_of(timestamp);
    encoder_.send(rgb, ticks);
    last_ = {timestamp, ticks};
    store_ready();
  }

  void finish(double end) {
    check_open();
    if (!last_) throw failure("{}: a video without a frame", path_.string());
    const std::int64_t stated = end > last_->seconds ? ticks_of(end) : ticks_of(last_->seconds + 1 / fps_);
    const std::int64_t end_ticks = std::max(stated, last_->ticks + 1);
    encoder_.send_end();
    store_ready();
    store_held(end_ticks);
    if (sound_) {
      sound_->finish(end_ticks);
      if (const auto damage = sound_->damage())
        warnings_.push_back(fmt::format("parts of the sound are missing: {}", *damage));
    }
    file_.commit();
    finished_ = true;
  }

  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  struct Moment {
    double seconds;
    std::int64_t ticks;
  };

  static std::int64_t ticks_of(double seconds) {
    return std::llround(seconds * PictureEncoder::kTimeBase.den);
  }

  void check_open() const {
    if (finished_) throw failure("{}: the video is finished", path_.string());
  }

  void add_sound(const VideoWriterOptions& options) {
    try {
      if (auto track = open_sound(options.sound_from, options.sound_zero))
        sound_.emplace(file_, std::move(track));
    } catch (const Error& error) {
      warnings_.push_back(fmt::format("the sound was left out: {}", error.what()));
    }
  }

  void store_ready() {
    while (encoder_.receive(*fresh_)) {
      store_held(fresh_->pts);
      std::swap(fresh_, held_);
    }
  }

  /// A packet is written once it is known when its picture ends.
  void store_held(std::int64_t end) {
    if (held_->size == 0) return;
    if (sound_) sound_->advance(held_->pts);
    held_->duration = end - held_->pts;
    if (!file_.write(*held_, stream_, PictureEncoder::kTimeBase))
      throw failure("{}: cannot write: MP4 does not take the picture", path_.string());
    av_packet_unref(held_.get());
  }

  std::filesystem::path path_;
  double fps_;
  std::vector<std::string> warnings_;
  PictureEncoder encoder_;
  Mp4File file_;
  int stream_ = 0;
  std::optional<SoundCopy> sound_;
  FfmpegPtr<AVPacket> fresh_;
  FfmpegPtr<AVPacket> held_;
  std::optional<Moment> last_;
  bool finished_ = false;
};

VideoWriter::VideoWriter(const std::filesystem::path& path, const VideoWriterOptions& options)
    : impl_(std::make_unique<Impl>(path, options)) {}
VideoWriter::~VideoWriter() = default;
VideoWriter::VideoWriter(VideoWriter&&) noexcept = default;
VideoWriter& VideoWriter::operator=(VideoWriter&&) noexcept = default;

void VideoWriter::write(const cv::Mat& rgb, double timestamp) { impl_->write(rgb, timestamp); }
void VideoWriter::finish(double end) { impl_->finish(end); }
std::vector<std::string> VideoWriter::warnings() const { return impl_->warnings(); }

}  // namespace fer
