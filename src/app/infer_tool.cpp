#include <algorithm>
#include <array>
#include <optional>
#include <ostream>
#include <set>

#include "detector_choice.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "fer/model/predictor.hpp"
#include "fer/report/video_files.hpp"
#include "fer/video/analysis.hpp"
#include "fer/video/summary.hpp"
#include "inputs.hpp"
#include "options.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

struct InferOptions {
  std::vector<std::string> inputs;
  fs::path model;
  fs::path output = "results";
  std::string sample_fps = "3";
  std::optional<std::int64_t> every_n;
  std::string smoothing = "median";
  std::string device = "auto";
  std::string detector;
  FaceDetectorOptions detection;
  AnalysisOptions analysis;
  bool exist_ok = false;
  LogOptions log;
};

void describe(CLI::App& app, InferOptions& options) {
  app.add_option("video", options.inputs, "Video files, folders of them, or patterns such as 'clips/*.mp4'")
      ->required();
  app.add_option("-m,--model", options.model, "Checkpoint made by fer-train")->type_name("FILE")->required();
  app.add_option("-o,--output", options.output, "Folder for the results")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--sample-fps", options.sample_fps, "Frames a second to analyse, by time, or 'all'")
      ->capture_default_str();
  app.add_option("--every-n", options.every_n, "Analyse every N-th frame instead")->type_name("N");
  app.add_option("--start", options.analysis.sampling.start, "First second to analyse")
      ->capture_default_str();
  app.add_option("--end", options.analysis.sampling.end, "Second to stop before");
  app.add_option("--smoothing", options.smoothing, "Smoothing over time: none, ema or median")
      ->capture_default_str();
  app.add_option("--smoothing-window", options.analysis.smoothing.window, "Its window in seconds")
      ->capture_default_str();
  app.add_option("--abstain", options.analysis.abstain, "Call a face uncertain below this probability")
      ->capture_default_str();
  app.add_option("-b,--batch-size", options.analysis.batch_size, "Faces classified at once")
      ->capture_default_str();
  app.add_option("--detector", options.detector,
                 "Face detector to use instead of the one the model was trained with: " + detector_names());
  app.add_option("--min-score", options.detection.min_score, "Least score of a face, instead of training's")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--models-dir", options.detection.models_folder, "Where the detectors' files lie")
      ->type_name("DIR");
  app.add_option("--cascade", options.detection.cascade, "Haar cascade to use instead of OpenCV's")
      ->type_name("FILE");
  app.add_option("--device", options.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
  app.add_flag("--exist-ok", options.exist_ok, "Write over existing results");
  add_common_options(app, options.log);
}

Sampling sampling_of(const InferOptions& options) {
  Sampling sampling = options.analysis.sampling;
  if (options.every_n) {
    sampling.method = SamplingMethod::every_n;
    sampling.every_n = *options.every_n;
  } else if (options.sample_fps == "all") {
    sampling.method = SamplingMethod::all;
  } else if (const auto fps = parse_number(options.sample_fps)) {
    sampling.fps = *fps;
  } else {
    throw usage_error("--sample-fps: expected a number or 'all', got '{}'", options.sample_fps);
  }
  return sampling;
}

/// A folder for each video: its name without the extension, numbered where two are called alike.
std::vector<fs::path> result_folders(std::span<const fs::path> videos, const InferOptions& options) {
  std::vector<fs::path> folders;
  std::set<std::string> taken;
  for (const fs::path& video : videos) {
    std::string name = video.stem().string();
    for (int number = 2; !taken.insert(name).second; ++number)
      name = fmt::format("{}-{}", video.stem().string(), number);
    folders.push_back(options.output / name);
    if (!options.exist_ok && fs::exists(folders.back() / "frames.csv")) {
      throw usage_error("{}: holds results already; name another folder with -o, or pass --exist-ok",
                        folders.back().string());
    }
  }
  return folders;
}

class VideoRun {
 public:
  VideoRun(const InferOptions& options, const Console& console, Log& log)
      : options_(options),
        console_(console),
        log_(log),
        predictor_(load_predictor(options.model, options.device)),
        detector_(detector_for(predictor_->facts().preprocessing)) {
    log_.info("model: {} ({})", options.model.string(), predictor_->facts().trained_on);
    const std::string& trained = predictor_->facts().preprocessing.detector;
    if (trained != detector_->name())
      log_.warning("faces were cropped by {} in training and are by {} here: results may differ", trained,
                   detector_->name());
  }

  VideoSummary analyse(const fs::path& path, const fs::path& folder) {
    VideoFile video(path);
    ProgressBar bar(console_.err, console_.terminal, path.filename().string());
    const VideoAnalysis analysis =
        analyse_video(video, *detector_, *predictor_, options_.analysis,
                      {.progress = [&](std::size_t done, std::size_t total) { bar.update(done, total); },
                       .stop = stop_requested});
    bar.clear();
    const VideoSummary summary = summarise(analysis);
    make_folder(folder);
    write_file(folder / "frames.csv", frames_csv(analysis));
    write_file(folder / "summary.json", summary_json(summary));
    log_.info("{}: {}", path.string(), audit_line(analysis));
    for (const std::string& warning : analysis.warnings) log_.warning("{}: {}", path.string(), warning);
    damaged_ = damaged_ || analysis.damaged;
    return summary;
  }

  bool damaged() const { return damaged_; }

 private:
  std::unique_ptr<FaceDetector> detector_for(const Preprocessing& preprocessing) const {
    const FaceDetectorKind& kind =
        face_detector_kind(options_.detector.empty() ? preprocessing.detector : options_.detector);
    if (preprocessing.align && kind.facts.landmarks == 0) {
      throw usage_error("--detector {}: gives no landmarks, and the model was trained on aligned faces",
                        kind.facts.name);
    }
    FaceDetectorOptions options = options_.detection;
    options.min_size = preprocessing.min_face;
    if (options.min_score == 0 && kind.facts.name == preprocessing.detector)
      options.min_score = preprocessing.min_score;
    return kind.make(options);
  }

  const InferOptions& options_;
  const Console& console_;
  Log& log_;
  std::unique_ptr<Predictor> predictor_;
  std::unique_ptr<FaceDetector> detector_;
  bool damaged_ = false;
};

}  // namespace

int infer_tool(std::span<const std::string> arguments, const Console& console) {
  CLI::App app("Recognises facial expressions in recorded videos.", "fer-infer");
  InferOptions options;
  describe(app, options);
  if (const auto done = parse_options(app, arguments, console)) return *done;
  options.analysis.sampling = sampling_of(options);
  options.analysis.smoothing.method = smoothing_method(options.smoothing);

  const StopSignal signals;
  Log log(console, options.log);
  const std::vector<fs::path> videos = find_inputs(options.inputs, is_video_name, "video");
  const std::vector<fs::path> folders = result_folders(videos, options);
  VideoRun run(options, console, log);
  make_folder(options.output);
  std::vector<VideoSummary> summaries;
  std::vector<Error> failures;
  for (std::size_t i = 0; i < videos.size() && !stop_requested(); ++i) {
    try {
      summaries.push_back(run.analyse(videos[i], folders[i]));
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::usage || videos.size() == 1) throw;
      log.warning("{}", error.what());
      failures.push_back(error);
    }
  }
  if (summaries.empty() && !failures.empty()) throw failures.front();
  if (!summaries.empty()) {
    write_file(options.output / "summary.csv", summary_csv(summaries));
    console.out << video_table(summaries) << std::flush;
  }
  if (stop_requested()) return stop_exit_code();
  return failures.empty() && !run.damaged() ? kOk : kSomeInputsFailed;
}

}  // namespace fer
