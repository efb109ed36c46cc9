#include "infer_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "detector_choice.hpp"
#include "engines.hpp"
#include "fer/core/error.hpp"
#include "fer/core/shipped_models.hpp"
#include "fer/core/text.hpp"
#include "option_table.hpp"
#include "options.hpp"

namespace fer {
namespace {

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

/// "2-5.5" -> 2 to 5.5 s; nothing for anything else.
std::optional<TimeRange> time_range(const std::string& text) {
  const std::vector<std::string> parts = split(text, '-');
  if (parts.size() != 2) return std::nullopt;
  const auto start = parse_number(parts[0]);
  const auto end = parse_number(parts[1]);
  if (!start || !end) return std::nullopt;
  return TimeRange{.start = *start, .end = *end};
}

void describe_input(CLI::App& app, InferOptions& options) {
  app.add_option("video", options.inputs,
                 "Video files, folders of them or of pictures, or patterns such as 'clips/*.mp4'");
  app.add_option("-m,--model", options.model,
                 "Run folder or checkpoint of fer-train, ONNX file of fer-export, or a model in the box: " +
                     join(shipped_model_names(), ", "))
      ->type_name("FILE|NAME")
      ->check(suggested(shipped_model_names()))
      ->capture_default_str();
  app.add_option("--sample-fps", options.sample_fps, "Frames a second to analyse, by time, or 'all'")
      ->capture_default_str();
  app.add_option("--every-n", options.every_n, "Analyse every N-th frame instead")->type_name("N");
  app.add_option("--start", options.analysis.sampling.start, "First second to analyse")
      ->capture_default_str();
  app.add_option("--end", options.analysis.sampling.end, "Second to stop before");
  app.add_option("--sequence-fps", options.sequence_fps, "Pictures a second in a folder of pictures")
      ->capture_default_str();
}

void describe_faces(CLI::App& app, InferOptions& options) {
  app.add_option("--detector", options.detector,
                 "Face detector to use instead of the one the model was trained with: " +
                     join(detector_names(), ", "))
      ->check(suggested(detector_names()));
  app.add_option("--min-score", options.detection.min_score, "Least score of a face, instead of training's")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--min-size", options.detection.min_size,
                 "Smallest face, as a share of the picture's shorter side, instead of training's")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--models-dir", options.detection.models_folder, "Where the detectors' files lie")
      ->type_name("DIR");
  app.add_option("--cascade", options.detection.cascade, "Haar cascade to use instead of OpenCV's")
      ->type_name("FILE");
  app.add_option(
         "--detect-every", options.analysis.detect_every,
         "Sampled frames from one detection to the next, faces being tracked between; 0: to the first "
         "0.1 s later")
      ->check(CLI::Range(0, 64))
      ->capture_default_str();
  app.add_option("--target", options.target, "Which faces of a frame are classified: largest, center or all")
      ->check(suggested({"largest", "center", "all"}))
      ->capture_default_str();
  app.add_option("--max-gap", options.analysis.tracking.max_gap,
                 "Seconds a face may be unseen and still keep its face_id")
      ->capture_default_str();
}

void describe_labels(CLI::App& app, InferOptions& options) {
  app.add_option("--smoothing", options.smoothing, "Smoothing over time: none, ema, median, majority or hmm")
      ->check(suggested({"none", "ema", "median", "majority", "hmm"}))
      ->capture_default_str();
  app.add_option(
      "--smoothing-window", options.interpretation.smoothing.window,
      "Its window in seconds; for hmm, how long an expression lasts on average (otherwise 1, hmm 2)");
  app.add_option("--abstain", options.interpretation.abstain, "Call a face uncertain below this probability")
      ->capture_default_str();
  app.add_option("--prior", options.prior,
                 "Class shares to expect: train (as in training), uniform, or estimate (from the video)")
      ->check(suggested({"train", "uniform", "estimate"}))
      ->capture_default_str();
  app.add_option("--baseline", options.baseline,
                 "Where people are neutral, to judge them by: seconds A-B of each video, or another video")
      ->type_name("A-B|FILE");
  app.add_option("--min-event", options.shortest_event, "Seconds an expression lasts at least to be an event")
      ->capture_default_str();
  app.add_option("--markers", options.markers, "List video,start,end,condition to sum up by condition")
      ->type_name("FILE.csv");
}

void describe_output(CLI::App& app, InferOptions& options) {
  app.add_option("-o,--output", options.output, "Folder for the results")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_flag("--annotate", options.annotate, "Write annotated.mp4, the video with the results drawn in");
  app.add_flag("--blur-faces", options.blur_faces, "Make faces unrecognisable in it (implies --annotate)");
  app.add_flag("--no-report", options.no_report, "Leave out report.html, the page to look at");
  app.add_flag("--no-thumbnails", options.no_thumbnails,
               "Leave out its pictures of faces (--blur-faces does, too)");
  app.add_option("--sample-for-coding", options.sample_for_coding,
                 "Draw N faces, as many of each emotion found, for a person to code; see fer-eval agreement")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  app.add_flag("--exist-ok", options.exist_ok, "Write over existing results");
  app.add_flag("--resume", options.resume, "Leave out what is finished with the same settings");
  app.add_option("-j,--workers", options.workers, "Threads; 0: one per core")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("-b,--batch-size", options.analysis.batch_size, "Faces classified at once")
      ->capture_default_str();
  app.add_option("--engine", options.engine,
                 "What computes the model: libtorch (checkpoints), opencv (ONNX files) or auto, by the file")
      ->check(CLI::IsMember({"auto", "libtorch", "opencv"}))
      ->capture_default_str();
  describe_predictor(app, options.predictor);
}

/// Several calls, on one machine or many, that share one list of recordings.
void describe_shards(CLI::App& app, InferOptions& options) {
  app.add_option_function<std::string>(
         "--shard", [&options](const std::string& text) { options.shard = parse_shard(text); },
         "Analyse only share i of n of the recordings; all n calls name the same recordings")
      ->type_name("i/n");
  CLI::Option* merge =
      app.add_option("--merge", options.merge,
                     "Nothing but this: write summary.csv over all that shards left in this folder")
          ->type_name("DIR");
  for (const char* other : {"video", "--output", "--shard"}) merge->excludes(app.get_option(other));
}

}  // namespace

void describe_infer(CLI::App& app, InferOptions& options) {
  describe_input(app, options);
  describe_faces(app, options);
  describe_labels(app, options);
  describe_output(app, options);
  describe_shards(app, options);
  add_common_options(app, options.log);
}

void resolve(InferOptions& options) {
  if (options.inputs.empty()) throw usage_error("video is required (see --help)");
  options.analysis.sampling = sampling_of(options);
  options.analysis.target = face_target(options.target);
  options.interpretation.smoothing.method = smoothing_method(options.smoothing);
  options.interpretation.prior = expected_prior(options.prior);
  options.interpretation.rest = time_range(options.baseline);
  options.annotate = options.annotate || options.blur_faces;
  if (options.workers == 0)
    options.workers = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  options.analysis.threads = options.workers;
  options.model = checkpoint_file(model_path(options.model.string()));
}

std::string settings_text(const InferOptions& options) {
  const Sampling& sampling = options.analysis.sampling;
  return fmt::format("{} {} {} {} {} {} {} {} | {} {} {} {} {} {} {} | {} {} {} {} {} | {} {} {} {}",
                     options.sample_fps, options.every_n.value_or(0), sampling.start, sampling.end,
                     options.sequence_fps, options.analysis.batch_size, options.predictor.precision,
                     options.predictor.mirror, options.detector, options.detection.min_score,
                     options.detection.min_size, options.detection.cascade.string(),
                     options.analysis.detect_every, options.target, options.analysis.tracking.max_gap,
                     smoothing_text(options.interpretation.smoothing), options.interpretation.abstain,
                     options.prior, options.baseline, options.shortest_event, options.annotate,
                     options.blur_faces, options.no_report, options.no_thumbnails);
}

}  // namespace fer
