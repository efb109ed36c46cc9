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
#include "synthetic_noise.hpp"

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
  if (!(options.noise >= 0 && options.noise <= 1))
    throw usage_error("noise is {}, expected 0..1", options.noise);
  if (options.people < 1 || options.people > 3)
    throw usage_error("people is {}, expected 1..3", options.people);
  if (options.subject < 1) throw usage_error("subject is {}, expected 1 at least", options.subject);
}

/// What the person number `place` shows: each one is a segment ahead of the one to the left.
const std::string& label_of(const SyntheticVideoOptions& options, int place, std::size_t segment) {
  return options.segments[(segment + static_cast<std::size_t>(place)) % options.segments.size()];
}

/// A stream of random numbers of its own, so that noise changes nothing else.
Rng stream(const SyntheticVideoOptions& options, std::uint64_t purpose, int place) {
  return Rng::of(options.seed, purpose, static_cast<std::uint64_t>(options.subject + place));
}

/// Whom the camera sees at any time: the person number `place` from the left.
class Act {
 public:
  Act(const SyntheticVideoOptions& options, int place)
      : options_(options),
        place_(place),
        rng_(stream(options, 0x71de0, place)),
        restlessness_(options.noise, 1 / options.fps, stream(options, 0x57149, place)) {
    face_.identity =
        synthetic_identity(options.seed, options.female != (place % 2 == 1), options.subject + place);
    face_.scene = synthetic_scene(rng_);
    for (std::size_t i = 0; i < options.segments.size(); ++i) {
      const std::string& emotion = label_of(options, place, i);
      shown_.push_back(
          synthetic_expression(emotion.empty() ? "neutral" : emotion, rng_.uniform(0.8, 1), rng_));
    }
    for (double& phase : phases_) phase = rng_.uniform(0, 2 * std::numbers::pi);
  }

  const SyntheticScene& scene() const { return face_.scene; }

  /// Puts the person into a room, where they may stand beside others.
  void move_to(const SyntheticScene& scene) {
    const cv::Vec3f shirt = face_.scene.shirt;
    face_.scene = scene;
    face_.scene.shirt = shirt;
  }

  cv::Mat frame(int index) {
    const double time = index / options_.fps;
    const auto segment =
        std::min(static_cast<std::size_t>(time / options_.segment_seconds), shown_.size() - 1);
    face_.scene.noise_seed = rng_.next();
    if (label_of(options_, place_, segment).empty()) return render_background(face_.scene, options_.size);
    const double since = time - static_cast<double>(segment) * options_.segment_seconds;
    const auto t = static_cast<float>(std::clamp(since / kTransition, 0.0, 1.0));
    const auto& before = shown_[segment == 0 ? 0 : segment - 1];
    face_.expression = blend(before, shown_[segment], t * t * (3 - 2 * t));
    sway(time);
    if (options_.people > 1) stand_aside();
    if (options_.noise > 0) restlessness_.stir(face_);
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

  /// To the middle of the person's column of the picture, as small as it takes.
  void stand_aside() {
    const auto columns = static_cast<float>(options_.people);
    const float aspect = static_cast<float>(options_.size.width) / static_cast<float>(options_.size.height);
    face_.pose.offset.x += ((static_cast<float>(place_) + 0.5F) / columns - 0.5F) * aspect;
    face_.pose.scale = std::min(1.0F, 1.6F * aspect / columns);
  }

  const SyntheticVideoOptions& options_;
  int place_;
  Rng rng_;
  synthetic::Restlessness restlessness_;
  SyntheticFace face_;
  std::vector<SyntheticExpression> shown_;
  std::array<double, 6> phases_{};
};

/// All people before one wall, as the camera records them.
class Stage {
 public:
  explicit Stage(const SyntheticVideoOptions& options)
      : options_(options), camera_(options.noise, 1 / options.fps, stream(options, 0xca3e4a, 0)) {
    for (int place = 0; place < options.people; ++place) acts_.emplace_back(options, place);
    for (Act& act : acts_) act.move_to(acts_.front().scene());
  }

  cv::Mat frame(int index) {
    cv::Mat image = acts_.front().frame(index);
    const int people = options_.people;
    for (int place = 1; place < people; ++place) {
      const cv::Range column(image.cols * place / people, image.cols * (place + 1) / people);
      acts_[static_cast<std::size_t>(place)].frame(index).colRange(column).copyTo(image.colRange(column));
    }
    if (options_.noise > 0) camera_.film(image);
    return image;
  }

 private:
  const SyntheticVideoOptions& options_;
  std::vector<Act> acts_;
  synthetic::PoorCamera camera_;
};

std::string labels_csv(const SyntheticVideoOptions& options) {
  std::string text = "second,label";
  for (int person = 2; person <= options.people; ++person) text += fmt::format(",label_{}", person);
  text += '\n';
  int second = 0;
  for (std::size_t segment = 0; segment < options.segments.size(); ++segment) {
    for (int i = 0; i < options.segment_seconds; ++i) {
      std::vector fields{std::to_string(second++)};
      for (int place = 0; place < options.people; ++place)
        fields.push_back(label_of(options, place, segment));
      text += csv_line(fields);
    }
  }
  return text;
}

/// Where OpenCV writes, which does not tell when it cannot: in the system's folder for temporary files. Gone
/// when this is.
struct TemporaryVideo {
  std::filesystem::path path = std::filesystem::temp_directory_path() / fmt::format("fer-{}.mp4", ::getpid());
  ~TemporaryVideo() {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
};

int count_frames(const std::filesystem::path& path) {
  cv::VideoCapture reader(path.string(), cv::CAP_FFMPEG);
  int frames = 0;
  while (reader.grab()) ++frames;
  return frames;
}

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
  Stage stage(options);
  auto labels_path = options.path;
  labels_path.replace_extension(".labels.csv");
  AtomicFile labels(labels_path);  // first, because it says plainly why a folder cannot be written
  labels.write(labels_csv(options));

  const TemporaryVideo temporary;
  cv::VideoWriter writer = open_writer(temporary.path, options);
  const auto seconds = static_cast<double>(options.segments.size()) * options.segment_seconds;
  const int frames = static_cast<int>(std::lround(seconds * options.fps));
  cv::Mat bgr;
  for (int i = 0; i < frames; ++i) {
    cv::cvtColor(stage.frame(i), bgr, cv::COLOR_RGB2BGR);
    writer.write(bgr);
    if (progress) progress(static_cast<std::size_t>(i) + 1, static_cast<std::size_t>(frames));
  }
  writer.release();
  if (count_frames(temporary.path) != frames)
    throw failure("{}: cannot write: {} came out incomplete (is the disk full?)", options.path.string(),
                  temporary.path.string());
  write_file(options.path, read_file(temporary.path));
  labels.commit();
  return labels_path;
}

}  // namespace fer
