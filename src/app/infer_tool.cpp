#include <glob.h>

#include <algorithm>
#include <array>
#include <optional>
#include <ostream>
#include <set>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "fer/model/predictor.hpp"
#include "fer/report/video_files.hpp"
#include "fer/video/analysis.hpp"
#include "fer/video/summary.hpp"
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
  fs::path cascade;
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
  app.add_option("--cascade", options.cascade, "Haar cascade to use instead of OpenCV's")->type_name("FILE");
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

bool is_video_name(const fs::path& path) {
  static const std::array<std::string, 13> kExtensions = {".mp4",  ".m4v", ".mov",  ".avi", ".mkv",
                                                          ".webm", ".mpg", ".mpeg", ".wmv", ".mts",
                                                          ".ts",   ".flv", ".3gp"};
  return std::ranges::count(kExtensions, to_lower(path.extension().string())) > 0;
}

std::vector<fs::path> matching(const std::string& pattern) {
  glob_t found{};
  std::vector<fs::path> paths;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return paths;
}

/// The videos behind the arguments, in their order, each once. A name that is no file stays: reading it gives
/// the error.
std::vector<fs::path> find_videos(std::span<const std::string> inputs) {
  std::vector<fs::path> videos;
  for (const std::string& input : inputs) {
    if (fs::is_directory(input)) {
      std::vector<fs::path> inside;
      for (const auto& entry : fs::directory_iterator(input)) {
        if (entry.is_regular_file() && is_video_name(entry.path())) inside.push_back(entry.path());
      }
      if (inside.empty()) throw data_error("{}: there is no video in this folder", input);
      std::ranges::sort(inside);
      videos.insert(videos.end(), inside.begin(), inside.end());
    } else if (fs::exists(input) || input.find_first_of("*?[") == std::string::npos) {
      videos.emplace_back(input);
    } else {
      const std::vector<fs::path> found = matching(input);
      if (found.empty()) throw data_error("{}: no file matches this pattern", input);
      videos.insert(videos.end(), found.begin(), found.end());
    }
  }
  std::set<fs::path> seen;
  std::erase_if(videos,
                [&](const fs::path& video) { return !seen.insert(fs::weakly_canonical(video)).second; });
  return videos;
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
        detector_(make_face_detector({.name = predictor_->facts().preprocessing.detector,
                                      .model = options.cascade,
                                      .min_size = predictor_->facts().preprocessing.min_face})) {
    log_.info("model: {} ({})", options.model.string(), predictor_->facts().trained_on);
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
  const std::vector<fs::path> videos = find_videos(options.inputs);
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
