#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/labels.hpp"
#include "fer/core/text.hpp"
#include "fer/data/synthetic_dataset.hpp"
#include "fer/data/synthetic_face.hpp"

namespace fer {
namespace {

constexpr double kTransition = 0.2;  // seconds

void check(const SyntheticVideoOptions& options) {
  if (to_lower(options.path.extension().string()) != ".mp4") {
    throw usage_error("{}: a synthetic video ends in .mp4", options.path.string());
  }
  if (options.segments.empty() || options.segment_seconds < 1) {
    throw usage_error("a synthetic video needs one segment at least, of one second at least");
  }
  if (!(options.fps >= 5 && options.fps <= 120)) throw usage_error("fps is {}, expected 5..120", options.fps);
  if (std::min(options.size.width, options.size.height) < 64 ||
      (options.size.width | options.size.height) & 1) {
    throw usage_error("the video size is {}x{}, expected even numbers, 64 at least", options.size.width,
                      options.size.height);
  }
}

/// What the camera sees at any time.
class Act {
 public:
  explicit Act(const SyntheticVideoOptions& options)
      : options_(options), rng_(Rng::of(options.seed, 0x71de0, static_cast<std::uint64_t>(options.subject))) {
    face_.identity = synthetic_identity(options.seed, options.female, options.subject);
    face_.scene = synthetic_scene(rng_);
    for (const std::string& emotion : options.segments) {
      shown_.push_back(
          synthetic_expression(emotion.empty() ? "neutral" : emotion, rng_.uniform(0.8, 1), rng_));
    }
    for (double& phase : phases_) phase = rng_.uniform(0, 2 * std::numbers::pi);
  }

  cv::Mat frame(int index) {
    const double time = index / options_.fps;
    const auto segment =
        std::min(static_cast<std::size_t>(time / options_.segment_seconds), shown_.size() - 1);
    face_.scene.noise_seed = rng_.next();
    if (options_.segments[segment].empty()) return render_background(face_.scene, options_.size);
    const double since = time - static_cast<double>(segment) * options_.segment_seconds;
    const auto t = static_cast<float>(std::clamp(since / kTransition, 0.0, 1.0));
    const auto& before = shown_[segment == 0 ? 0 : segment - 1];
    face_.expression = blend(before, shown_[segment], t * t * (3 - 2 * t));
    sway(time);
    return render_face(face_, options_.size);
  }

 private:
  /// Slow, uneven movement, and a breath of change in the face.
  void sway(double time) {
    const auto wave = [&](int i, double period) {
      return static_cast<float>(
          std::sin(2 * std::numbers::pi * time / period + phases_[static_cast<std::size_t>(i)]));
    };
    face_.pose.yaw = 4 * wave(0, 5.3) + 2 * wave(1, 2.9);
    face_.pose.pitch = 2.5F * wave(2, 4.1);
    face_.pose.roll = 2 * wave(3, 6.7);
    face_.pose.offset = {0.015F * wave(4, 7.1), 0.006F * wave(5, 3.7)};
    for (float& intensity : face_.expression.intensity)
      intensity = std::min(intensity * (1 + 0.05F * wave(5, 1.9)), 1.0F);
  }

  const SyntheticVideoOptions& options_;
  Rng rng_;
  SyntheticFace face_;
  std::vector<SyntheticExpression> shown_;
  std::array<double, 6> phases_{};
};

std::string labels_csv(const SyntheticVideoOptions& options) {
  std::string text = "second,label\n";
  int second = 0;
  for (const std::string& label : options.segments) {
    for (int i = 0; i < options.segment_seconds; ++i)
      text += csv_line(std::vector{std::to_string(second++), label});
  }
  return text;
}

/// A file that is gone when this is, unless it was renamed.
struct TemporaryVideo {
  std::filesystem::path path;
  ~TemporaryVideo() {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
};

/// H.264, which browsers play, where OpenCV can write it, else MPEG-4 Part 2.
cv::VideoWriter open_writer(const std::filesystem::path& path, const SyntheticVideoOptions& options) {
  for (const char* code : {"avc1", "mp4v"}) {
    const int fourcc = cv::VideoWriter::fourcc(code[0], code[1], code[2], code[3]);
    cv::VideoWriter writer(path.string(), cv::CAP_FFMPEG, fourcc, options.fps, options.size);
    if (writer.isOpened()) return writer;
  }
  throw failure("{}: this OpenCV cannot write MP4 video", options.path.string());
}

}  // namespace

std::filesystem::path write_synthetic_video(const SyntheticVideoOptions& options,
                                            const ProgressFn& progress) {
  check(options);
  Act act(options);
  auto labels_path = options.path;
  labels_path.replace_extension(".labels.csv");
  AtomicFile labels(labels_path);  // first, because it says plainly why a folder cannot be written
  labels.write(labels_csv(options));

  auto temporary_path = options.path;
  temporary_path.replace_extension(fmt::format(".tmp-{}.mp4", ::getpid()));
  const TemporaryVideo temporary{temporary_path};
  cv::VideoWriter writer = open_writer(temporary.path, options);
  const auto seconds = static_cast<double>(options.segments.size()) * options.segment_seconds;
  const int frames = static_cast<int>(std::lround(seconds * options.fps));
  cv::Mat bgr;
  for (int i = 0; i < frames; ++i) {
    cv::cvtColor(act.frame(i), bgr, cv::COLOR_RGB2BGR);
    writer.write(bgr);
    if (progress) progress(static_cast<std::size_t>(i) + 1, static_cast<std::size_t>(frames));
  }
  writer.release();
  std::error_code error;
  std::filesystem::rename(temporary.path, options.path, error);
  if (error) throw failure("{}: cannot write: {}", options.path.string(), error.message());
  labels.commit();
  return labels_path;
}

}  // namespace fer
