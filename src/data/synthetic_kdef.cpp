#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <mutex>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string_view>
#include <thread>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "fer/data/synthetic_dataset.hpp"
#include "fer/data/synthetic_face.hpp"
#include "synthetic_mesh.hpp"

namespace fer {
namespace {

struct Emotion {
  std::string_view code, name;
};
constexpr std::array<Emotion, 7> kEmotionCodes = {{{"AF", "fear"},
                                                   {"AN", "angry"},
                                                   {"DI", "disgust"},
                                                   {"HA", "happy"},
                                                   {"NE", "neutral"},
                                                   {"SA", "sad"},
                                                   {"SU", "surprise"}}};
/// From -90 degrees on, 45 apart.
const std::vector<std::string> kAnglesInOrder = {"FL", "HL", "S", "HR", "FR"};
constexpr int kJpegQuality = 92;

void check(const SyntheticKdefOptions& options) {
  if (options.subjects < 2 || options.subjects > 140) {
    throw usage_error("subjects is {}, expected 2..140", options.subjects);
  }
  if (options.sessions < 1 || options.sessions > 2) {
    throw usage_error("sessions is {}, expected 1 or 2", options.sessions);
  }
  if (options.size.width < 64 || options.size.height < 64) {
    throw usage_error("the image size is {}x{}, expected 64 pixels at least", options.size.width,
                      options.size.height);
  }
  if (options.angles.empty())
    throw usage_error("no angle is given, expected some of {}", join(kAnglesInOrder, ", "));
  for (const std::string& angle : options.angles) {
    if (std::ranges::find(kAnglesInOrder, angle) == kAnglesInOrder.end()) {
      throw usage_error("'{}' is no angle of KDEF ({})", angle, join(kAnglesInOrder, ", "));
    }
  }
  if (std::filesystem::exists(options.folder) &&
      !(std::filesystem::is_directory(options.folder) && std::filesystem::is_empty(options.folder))) {
    throw usage_error("{}: exists and is not an empty folder; synthetic faces need one of their own",
                      options.folder.string());
  }
}

/// One person in one session: every emotion from every angle. What a picture shows depends on the seed and on
/// its name, not on the other options.
class Sitting {
 public:
  Sitting(const SyntheticKdefOptions& options, int index) : options_(options) {
    const int session = index % options.sessions;
    const int subject = index / options.sessions;
    const bool female = subject % 2 == 0;
    const int number = subject / 2 + 1;
    name_ = fmt::format("{}{}{:02}", session == 0 ? 'A' : 'B', female ? 'F' : 'M', number);
    seed_ = Rng::of(options.seed, static_cast<std::uint64_t>(session), static_cast<std::uint64_t>(subject))
                .next();
    person_ = synthetic_identity(options.seed, female, number);
    Rng rng(seed_);
    scene_ = synthetic_scene(rng);
  }

  /// Calls done() after each picture.
  template <class Done>
  void write(const Done& done) {
    make_folder(options_.folder / name_);
    for (std::size_t i = 0; i < kEmotionCodes.size(); ++i) {
      Rng rng = Rng::of(seed_, i + 1, 0);
      const auto face = synthetic_expression(kEmotionCodes[i].name, rng.uniform(0.7, 1), rng);
      const auto bust = synthetic::make_bust(person_, face, scene_.seed, scene_.shirt);
      const SyntheticPose pose = jittered(rng);
      for (const std::string& angle : options_.angles) {
        const auto position =
            static_cast<std::uint64_t>(std::ranges::find(kAnglesInOrder, angle) - kAnglesInOrder.begin());
        Rng view = Rng::of(seed_, i + 1, position + 1);
        write_view(bust, turned(pose, position), view,
                   fmt::format("{}{}{}.JPG", name_, kEmotionCodes[i].code, angle));
        done();
      }
    }
  }

 private:
  static SyntheticPose jittered(Rng& rng) {
    const auto number = [&](double most) { return static_cast<float>(rng.uniform(-most, most)); };
    SyntheticPose pose;
    pose.yaw = number(4);
    pose.pitch = number(4);
    pose.roll = number(2.5);
    pose.scale = 1 + number(0.05);
    pose.offset = {number(0.02), number(0.02)};
    return pose;
  }

  static SyntheticPose turned(SyntheticPose pose, std::uint64_t position) {
    pose.body_yaw = 45 * (static_cast<float>(position) - 2);
    pose.yaw += pose.body_yaw;
    return pose;
  }

  void write_view(const synthetic::Bust& bust, const SyntheticPose& pose, Rng& rng, const std::string& file) {
    SyntheticScene scene = scene_;
    scene.exposure *= static_cast<float>(rng.uniform(0.97, 1.03));
    scene.noise_seed = rng.next();
    cv::Mat image = synthetic::render_bust(bust, pose, scene, options_.size);
    cv::cvtColor(image, image, cv::COLOR_RGB2BGR);
    std::vector<std::uint8_t> bytes;
    if (!cv::imencode(".jpg", image, bytes, {cv::IMWRITE_JPEG_QUALITY, kJpegQuality})) {
      throw failure("this OpenCV cannot encode JPEG images");
    }
    write_file(options_.folder / name_ / file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }

  const SyntheticKdefOptions& options_;
  std::string name_;  // of the folder: AF01
  std::uint64_t seed_ = 0;
  SyntheticIdentity person_;
  SyntheticScene scene_;
};

/// Runs task(0) .. task(count - 1) on threads; the first exception stops the rest and is thrown again.
template <class Task>
void for_each_index(int count, int workers, const Task& task) {
  std::atomic<int> next = 0;
  std::exception_ptr error;
  std::mutex guard;
  const auto work = [&] {
    try {
      for (int i = next++; i < count; i = next++) task(i);
    } catch (...) {
      const std::scoped_lock lock(guard);
      if (!error) error = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 1; i < workers; ++i) threads.emplace_back(work);
    work();
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace

std::size_t write_synthetic_kdef(const SyntheticKdefOptions& options, const ProgressFn& progress) {
  check(options);
  make_folder(options.folder);
  const int sittings = options.subjects * options.sessions;
  const std::size_t total = static_cast<std::size_t>(sittings) * kEmotionCodes.size() * options.angles.size();
  const int cores = static_cast<int>(std::max(std::thread::hardware_concurrency(), 1U));
  std::size_t written = 0;
  std::mutex guard;
  for_each_index(sittings, options.workers > 0 ? options.workers : cores, [&](int index) {
    Sitting(options, index).write([&] {
      const std::scoped_lock lock(guard);
      ++written;
      if (progress) progress(written, total);
    });
  });
  return written;
}

}  // namespace fer
