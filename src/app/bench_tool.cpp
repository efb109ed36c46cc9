#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <opencv2/core/utility.hpp>
#include <optional>
#include <ostream>
#include <thread>

#include "bench_device.hpp"
#include "bench_loading.hpp"
#include "bench_model.hpp"
#include "detector_choice.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/progress.hpp"
#include "fer/core/stopwatch.hpp"
#include "fer/core/text.hpp"
#include "fer/data/dataset.hpp"
#include "fer/model/device.hpp"
#include "fer/model/face_detectors.hpp"
#include "fer/report/detector_files.hpp"
#include "fer/video/video_file.hpp"
#include "fer/vision/image.hpp"
#include "inputs.hpp"
#include "options.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

struct BenchOptions {
  std::vector<std::string> inputs;
  std::vector<std::string> detectors;
  FaceDetectorOptions detection;
  float overlap = 0.5F;
  std::int64_t every_n = 1;
  std::int64_t max_frames = 0;
  int threads = 0;
  fs::path json;
  fs::path pictures;
  LogOptions log;
};

/// A line for each row of the table of detectors.
std::string detector_help() {
  std::string text = "Detectors (with the least score of a face):";
  for (const FaceDetectorKind& kind : face_detectors())
    text +=
        fmt::format("\n  {:<15} {} ({})", kind.facts.name, kind.facts.summary, kind.facts.default_min_score);
  return text;
}

void describe(CLI::App& command, BenchOptions& options) {
  command.add_option("input", options.inputs, "Images, videos, folders of them, or patterns")->required();
  command
      .add_option("--detectors", options.detectors,
                  "Names with commas between, or 'all'; otherwise all whose model files are found")
      ->delimiter(',')
      ->allow_extra_args(false);
  add_detection_options(command, options.detection);
  command
      .add_option("--min-score", options.detection.min_score, "Least score of a face; 0: each detector's own")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--overlap", options.overlap, "Overlap from which two boxes are one face")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command.add_option("--every-n", options.every_n, "Take every N-th frame of a video")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--max-frames", options.max_frames, "Frames of each video at most; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--threads", options.threads, "Threads to compute with; 0: one per core")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--json", options.json, "Write the figures to this file, too")->type_name("FILE");
  command
      .add_option("--pictures", options.pictures,
                  "Write each image and some frames of each video with the boxes to this folder")
      ->type_name("DIR");
  command.footer(detector_help());
}

bool is_image_or_video(const fs::path& path) { return is_video_name(path) || is_image_name(path); }

class DetectorBench {
 public:
  DetectorBench(const BenchOptions& options, std::span<const FaceDetectorKind* const> kinds)
      : options_(options), comparison_{.detectors = {}, .threshold = options.overlap} {
    for (const FaceDetectorKind* kind : kinds) {
      comparison_.detectors.push_back(kind->facts.name);
      detectors_.push_back(kind->make(options.detection));
    }
  }

  void run(const fs::path& path, ProgressBar& bar) {
    if (is_video_name(path)) {
      run_video(path, bar);
      return;
    }
    const cv::Mat image = read_image(path);
    comparison_.begin(path.filename());
    look_at(image, path.filename().string());
  }

  const DetectorComparison& comparison() const { return comparison_; }

 private:
  void run_video(const fs::path& path, ProgressBar& bar) {
    VideoFile video(path);
    comparison_.begin(path.filename());
    const auto announced = static_cast<std::size_t>(frames_to_read(video.facts()));
    std::int64_t taken = 0;
    while (const auto frame = video.next()) {
      if (stop_requested() || (options_.max_frames > 0 && taken == options_.max_frames)) return;
      if (frame->index % options_.every_n != 0) continue;
      const bool draw = taken % kFramesBetweenPictures == 0;
      look_at(video.image(), draw ? fmt::format("{}-{:06}", path.filename().string(), frame->index) : "");
      ++taken;
      bar.update(static_cast<std::size_t>(frame->index), announced);
    }
  }

  /// 0: not known.
  std::int64_t frames_to_read(const VideoFacts& facts) const {
    const std::int64_t all = facts.frames_before(std::numeric_limits<double>::infinity());
    return options_.max_frames == 0 ? all : std::min(all, options_.max_frames * options_.every_n);
  }

  void look_at(const cv::Mat& image, const std::string& picture) {
    std::vector<std::vector<FaceDetection>> faces;
    std::vector<double> seconds;
    for (const auto& detector : detectors_) {
      const Stopwatch watch;
      faces.push_back(detector->detect(image));
      seconds.push_back(watch.seconds());
    }
    comparison_.add(faces, seconds);
    if (!options_.pictures.empty() && !picture.empty())
      write_image(options_.pictures / (picture + ".jpg"),
                  detector_picture(image, comparison_.detectors, faces));
  }

  static constexpr std::int64_t kFramesBetweenPictures = 24;

  const BenchOptions& options_;
  DetectorComparison comparison_;
  std::vector<std::unique_ptr<FaceDetector>> detectors_;
};

/// The figures of what could be read; the errors of the rest are in the log.
int bench_detectors(const BenchOptions& options, const Console& console) {
  const StopSignal signals;
  Log log(console, options.log);
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const int threads = options.threads > 0 ? options.threads : cores;
  use_threads(threads);
  cv::setNumThreads(threads);
  const std::vector<std::string> usual = face_finders();
  DetectorBench bench(options,
                      choose_detectors(options.detectors, usual, options.detection.models_folder, log));
  if (!options.pictures.empty()) make_folder(options.pictures);

  std::optional<Error> failure;
  for (const fs::path& path : find_inputs(options.inputs, is_image_or_video, "image or video")) {
    if (stop_requested()) return stop_exit_code();
    ProgressBar bar = log.bar(path.filename().string());
    try {
      bench.run(path, bar);
      bar.clear();
    } catch (const Error& error) {
      bar.clear();
      log.warning("{}", error.what());
      if (!failure) failure = error;
    }
  }
  if (stop_requested()) return stop_exit_code();
  if (bench.comparison().inputs.empty()) throw *failure;
  if (!options.json.empty())
    write_file(options.json, detector_json(bench.comparison(), {.threads = threads,
                                                                .min_size = options.detection.min_size,
                                                                .opencv = CV_VERSION,
                                                                .libtorch = libtorch_version()}));
  console.out << detector_table(bench.comparison()) << std::flush;
  if (!options.json.empty()) log.info("figures: {}", options.json.string());
  if (!options.pictures.empty()) log.info("pictures: {}", options.pictures.string());
  return failure ? kSomeInputsFailed : kOk;
}

}  // namespace

int bench_tool(std::span<const std::string> arguments, const Console& console) {
  CLI::App app("Measures what this machine can do.", "fer-bench");
  app.fallthrough();  // common options may stand behind the command, too
  BenchOptions options;
  CLI::App& detectors =
      *app.add_subcommand("detectors", "Compare face detectors on your own images and videos");
  describe(detectors, options);
  ModelBenchOptions model_options;
  CLI::App& model = *app.add_subcommand(
      "model", "Size, multiply-adds, speed and memory of backbones, with the predictor that fer-infer has");
  describe(model, model_options);
  DeviceBenchOptions device_options;
  CLI::App& device = *app.add_subcommand(
      "device", "Report what this machine is and how fast a model is on it, for docs/devices.md");
  describe(device, device_options);
  DeviceCompareOptions compare_options;
  CLI::App& compare = *app.add_subcommand("compare", "Show two reports of 'device' side by side");
  describe(compare, compare_options);
  LoadingBenchOptions loading_options;
  CLI::App& loading = *app.add_subcommand(
      "loading",
      "Measure how fast an epoch comes from crops that memory does not hold, by the order of reading");
  describe(loading, loading_options);
  FirstResultOptions first_options;
  CLI::App& first = *app.add_subcommand("first-result", "")->group("");  // what 'device' times the start of
  describe(first, first_options);
  add_common_options(app, options.log);
  app.require_subcommand(1);
  if (const auto done = parse_options(app, arguments, console)) return *done;
  if (device.parsed()) return bench_device(device_options, options.log, console);
  if (compare.parsed()) return compare_devices(compare_options, console);
  if (loading.parsed()) return bench_loading(loading_options, options.log, console);
  if (first.parsed()) return first_result(first_options);
  return model.parsed() ? bench_models(model_options, options.log, console)
                        : bench_detectors(options, console);
}

}  // namespace fer
