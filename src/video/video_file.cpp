#include "fer/video/video_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "fer/core/error.hpp"
#include "upright_rgb.hpp"
#include "video_stream.hpp"

namespace fer {
namespace {

constexpr double kWorthSkipping = 10;  // seconds: from less far away it is no slower to read on
constexpr double kAhead = 1;           // seconds: key pictures are dated by when they are decoded

double positive_rate(AVRational rate) { return rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0.0; }

/// Seconds on the file's own clock, or nothing.
std::optional<double> seconds(std::int64_t ticks, AVRational time_base) {
  if (ticks == AV_NOPTS_VALUE) return std::nullopt;
  return static_cast<double>(ticks) * av_q2d(time_base);
}

std::optional<double> picture_time(const VideoStream& source) {
  const AVFrame& picture = source.picture();
  const auto ticks = picture.pts != AV_NOPTS_VALUE ? picture.pts : picture.best_effort_timestamp;
  return seconds(ticks, source.stream().time_base);
}

/// Zero of all times, on the file's own clock: the container's start, though never after the first picture,
/// which a few files state wrongly. Pictures without a presentation time (.avi) are dated by when they leave
/// the decoder, and start with its delay: there the first picture is zero.
double clock_zero(const VideoStream& source) {
  const double first = picture_time(source).value_or(0.0);
  if (source.picture().pts == AV_NOPTS_VALUE) return first;
  return std::min(first, seconds(source.format().start_time, AV_TIME_BASE_Q).value_or(first));
}

/// How long the container says it is. Matroska and MP4 count from their clock's zero, not from the first
/// picture.
std::optional<double> container_duration(const VideoStream& source, double zero) {
  const auto stated = seconds(source.format().duration, AV_TIME_BASE_Q);
  const std::string_view format = source.format().iformat->name;
  const bool from_zero = format.starts_with("matroska") || format.starts_with("mov");
  return stated && from_zero ? *stated - std::max(zero, 0.0) : stated;
}

cv::Size stored_size(const VideoStream& source) {
  const AVFrame& picture = source.picture();
  const double width = picture.width * source.pixel_aspect();
  return {std::max(1, static_cast<int>(std::lround(width))), picture.height};
}

VideoFacts facts_of(const VideoStream& source, const Orientation& orientation, double zero) {
  const AVStream& stream = source.stream();
  const double average = positive_rate(stream.avg_frame_rate);
  const double base = positive_rate(stream.r_frame_rate);
  const cv::Size stored = stored_size(source);
  VideoFacts facts{.width = orientation.transpose ? stored.height : stored.width,
                   .height = orientation.transpose ? stored.width : stored.height,
                   .fps = average > 0 ? average : base,
                   .duration_seconds = std::nullopt,
                   .frames_announced = stream.nb_frames,
                   .codec = avcodec_get_name(stream.codecpar->codec_id),
                   .rotation = orientation.clockwise_degrees(),
                   .variable_frame_rate = average > 0 && base > 0 && std::abs(average / base - 1) > 0.02,
                   .zero = zero};
  const auto of_stream = seconds(stream.duration, stream.time_base);
  const auto of_container = container_duration(source, zero);
  if (of_stream && *of_stream > 0) {
    facts.duration_seconds = *of_stream + seconds(stream.start_time, stream.time_base).value_or(zero) - zero;
  } else if (of_container && *of_container > 0) {
    facts.duration_seconds = of_container;
  }
  return facts;
}

}  // namespace

class VideoFile::Impl {
 public:
  Impl(std::filesystem::path path, int threads) : path_(std::move(path)), source_(path_, threads) {
    if (!source_.advance()) {
      throw data_error(
          "{}: not one frame of it can be decoded: {}", path_.string(),
          source_.break_reason().value_or(source_.damages() > 0 ? "damaged data" : "it holds none"));
    }
    zero_ = clock_zero(source_);
    stated_end_ = container_duration(source_, zero_);
    const Orientation orientation = orientation_of(source_.stream());
    facts_ = facts_of(source_, orientation, zero_);
    converter_ = UprightRgb({facts_.width, facts_.height}, orientation);
  }

  std::optional<Frame> next() {
    // The constructor has decoded the first picture already.
    if (ended_ || (frame_ && !source_.advance())) {
      ended_ = true;
      return std::nullopt;
    }
    if (source_.damages() > 0 && !first_damage_) first_damage_ = frame_ ? frame_->timestamp : 0.0;
    frame_ = Frame{.index = frame_ ? frame_->index + 1 : 0, .timestamp = next_time()};
    return frame_;
  }

  void skip_towards(double timestamp) {
    const Frame now = frame_.value_or(Frame());
    if (ended_ || timestamp < now.timestamp + kWorthSkipping) return;
    if (source_.picture().pts == AV_NOPTS_VALUE || !source_.skip_to(zero_ + timestamp - kAhead)) return;
    frame_ = Frame{.index = now.index, .timestamp = -1};  // what comes may lie before what was
  }

  cv::Mat image() {
    require_current();
    return converter_.convert(source_.picture());
  }

  cv::Mat thumbnail() {
    require_current();
    return thumbnails_.make(source_.picture());
  }

  bool damaged() const { return source_.break_reason() || source_.damages() > 0 || cut_off(); }

  std::vector<std::string> warnings() const {
    std::vector<std::string> texts;
    const double last = frame_ ? frame_->timestamp : 0.0;
    if (source_.break_reason()) {
      texts.push_back(fmt::format("decoding stopped at {:.3f} s: {}: the file is cut off or damaged there",
                                  last, *source_.break_reason()));
    } else if (cut_off()) {
      texts.push_back(fmt::format(
          "decoding stopped at {:.3f} s: the file is cut off there, it states {:.3f} s", last, *stated_end_));
    }
    if (source_.damages() > 0) {
      texts.push_back(
          fmt::format("damaged data in {} packets or pictures, first after {:.3f} s: frames there "
                      "are missing or blemished",
                      source_.damages(), first_damage_.value_or(last)));
    }
    if (estimated_times_ > 0) {
      texts.push_back(
          fmt::format("no usable time for {} frames: each was placed {:.4f} s after the one before",
                      estimated_times_, facts_.frame_interval()));
    }
    return texts;
  }

  const std::filesystem::path& path() const { return path_; }
  const VideoFacts& facts() const { return facts_; }

 private:
  void require_current() const {
    if (!frame_ || ended_) throw failure("{}: no frame is current", path_.string());
  }

  double next_time() {
    const auto stored = picture_time(source_);
    if (stored && (!frame_ || *stored - zero_ > frame_->timestamp)) return *stored - zero_;
    ++estimated_times_;
    return frame_ ? frame_->timestamp + facts_.frame_interval() : 0.0;
  }

  /// Not every format lets FFmpeg notice it. Pictures may end long before the sound, but one of them reaches
  /// the stated end, give or take what containers round.
  bool cut_off() const { return ended_ && stated_end_ && source_.reach() - zero_ + 1.0 < *stated_end_; }

  std::filesystem::path path_;
  VideoStream source_;
  double zero_ = 0;
  std::optional<double> stated_end_;  ///< of the whole file
  VideoFacts facts_;
  UprightRgb converter_{{}, {}};
  Thumbnails thumbnails_;
  std::optional<Frame> frame_;
  bool ended_ = false;
  std::int64_t estimated_times_ = 0;
  std::optional<double> first_damage_;
};

VideoFile::VideoFile(std::filesystem::path path, int threads)
    : impl_(std::make_unique<Impl>(std::move(path), threads)) {}
VideoFile::~VideoFile() = default;
VideoFile::VideoFile(VideoFile&&) noexcept = default;
VideoFile& VideoFile::operator=(VideoFile&&) noexcept = default;

const std::filesystem::path& VideoFile::path() const { return impl_->path(); }
const VideoFacts& VideoFile::facts() const { return impl_->facts(); }
std::optional<Frame> VideoFile::next() { return impl_->next(); }
void VideoFile::skip_towards(double timestamp) { impl_->skip_towards(timestamp); }
cv::Mat VideoFile::image() const { return impl_->image(); }
cv::Mat VideoFile::thumbnail() const { return impl_->thumbnail(); }
bool VideoFile::damaged() const { return impl_->damaged(); }
std::vector<std::string> VideoFile::warnings() const { return impl_->warnings(); }

}  // namespace fer
