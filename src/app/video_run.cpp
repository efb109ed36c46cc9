#include "video_run.hpp"

#include <fmt/format.h>

#include <span>
#include <utility>
#include <vector>

#include "detector_choice.hpp"
#include "engine_choice.hpp"
#include "engines.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/progress.hpp"
#include "fer/core/staged_folder.hpp"
#include "fer/core/stop.hpp"
#include "fer/core/stopwatch.hpp"
#include "fer/engine/onnx_file.hpp"
#include "fer/report/coding_files.hpp"
#include "fer/report/timeline_figure.hpp"
#include "fer/report/video_files.hpp"
#include "fer/video/annotation.hpp"
#include "fer/video/events.hpp"
#include "report_player.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

constexpr char kSummary[] = "summary.json";
constexpr char kReport[] = "report.html";
constexpr std::size_t kPeaks = 24;  // pictures in a report, at most

/// Every file a video's results may have besides the summary.
std::span<const std::string> result_files() {
  static const std::vector<std::string> names = {"frames.csv",      "events.csv",   "events.eaf",
                                                 "events.TextGrid", "timeline.svg", "timeline.png",
                                                 "annotated.mp4",   kReport};
  return names;
}

/// The detector that the options and the model ask for.
const FaceDetectorKind& detector_kind(const InferOptions& options, const Preprocessing& preprocessing) {
  const FaceDetectorKind& kind = options.detector.empty()
                                     ? usual_detector(preprocessing, options.detection.models_folder)
                                     : detector_called(options.detector);
  if (preprocessing.align && kind.facts.landmarks == 0) {
    throw usage_error("--detector {}: gives no landmarks, and the model was trained on aligned faces",
                      kind.facts.name);
  }
  return kind;
}

/// Where faces are found otherwise than in training.
void warn_of_detector(const FaceDetectorKind& kind, const InferOptions& options,
                      const Preprocessing& preprocessing, Log& log) {
  if (kind.facts.name == preprocessing.detector) return;
  if (!options.detector.empty() || preprocessing.detector != whole_image_detector().facts.name) {
    log.warning("faces were cropped by {} in training and are by {} here: results may differ",
                preprocessing.detector, kind.facts.name);
  } else if (kind.facts.name == "haar") {
    log.warning(
        "faces are found by haar, which misses many and cuts them differently: 'fer-data fetch yunet' "
        "fetches "
        "the detector this model is measured with");
  } else {
    log.info("faces are found by {} (the model was trained on ready-cut ones)", kind.facts.name);
  }
}

/// The least score of a face: the user's, else training's, else the detector's own.
float least_score(const InferOptions& options, const FaceDetectorKind& kind,
                  const Preprocessing& preprocessing) {
  if (options.detection.min_score > 0) return options.detection.min_score;
  if (kind.facts.name == preprocessing.detector && preprocessing.min_score > 0)
    return preprocessing.min_score;
  return kind.facts.default_min_score;
}

/// Another text once the file is another or was written anew.
std::string file_key(const fs::path& file) {
  std::error_code ignored;
  return fmt::format("|{} {} {}", fs::weakly_canonical(file).string(), fs::file_size(file, ignored),
                     fs::last_write_time(file, ignored).time_since_epoch().count());
}

/// Shows the work on a bar, with where the batch stands: this work is the part of the recording's from
/// `begin` to `end`, shares of the whole.
AnalysisControl shown_on(ProgressBar& bar, const BatchProgress& batch, double begin, double end) {
  return {.progress =
              [&bar, &batch, begin, end](std::size_t done, std::size_t total) {
                const double share = total == 0 ? 0 : static_cast<double>(done) / static_cast<double>(total);
                bar.update(done, total, batch.note(begin + share * (end - begin)));
              },
          .stop = stop_requested};
}

}  // namespace

VideoRun::VideoRun(const InferOptions& options, Log& log)
    : options_(options),
      log_(log),
      predictor_(load_model(options.model, options.engine, options.predictor)),
      settings_(sha256(read_file(options.model)) + settings_text(options)),
      analysis_(options.analysis),
      interpretation_(options.interpretation) {
  use_one_thread();
  choose_detector();
  log_.info("model: {} ({}), computed in {}{}", options.model.string(), predictor_->facts().trained_on,
            predictor_->facts().precision, options.predictor.mirror ? ", with mirror images" : "");
  log_.debug("engine: {}; batches of {}, {} threads", is_onnx_file(options.model) ? "opencv" : "libtorch",
             options.analysis.batch_size, options.workers);
  if (!options.markers.empty()) {
    markers_ = read_markers(options.markers);
    settings_ += sha256(read_file(options.markers));
  }
  refuse_bad_choices();
  if (!options.baseline.empty() && !interpretation_.rest) {
    interpretation_.baseline = baseline_of(options.baseline);
    interpretation_.baseline_name = fs::path(options.baseline).filename().string();
    settings_ += file_key(options.baseline);
  }
}

/// Before videos are read for nothing.
void VideoRun::refuse_bad_choices() const {
  VideoAnalysis nothing;
  nothing.classes = predictor_->facts().classes;
  nothing.class_prior = predictor_->facts().class_prior;
  interpret(nothing, interpretation_);
  find_events(nothing, options_.shortest_event);
}

/// Faces that are hardly seen carry on tracks where the detector can tell of them.
void VideoRun::choose_detector() {
  const Preprocessing& preprocessing = predictor_->facts().preprocessing;
  const FaceDetectorKind& kind = detector_kind(options_, preprocessing);
  warn_of_detector(kind, options_, preprocessing, log_);
  settings_ += kind.facts.name;
  FaceDetectorOptions detection = options_.detection;
  if (detection.min_size == 0) detection.min_size = preprocessing.min_face;
  detection.min_score = least_score(options_, kind, preprocessing);
  log_.debug("detector: {}, faces of score {:.2f} and {:.2f} of the picture's shorter side at least",
             kind.facts.name, detection.min_score, detection.min_size);
  if (kind.facts.weak_are_apart) {
    analysis_.tracking.min_score = detection.min_score;
    detection.min_score /= 2;
  }
  make_detector_ = [&kind, detection] { return kind.make(detection); };
}

/// Of the largest face of a video in which a person is neutral throughout.
NeutralBaseline VideoRun::baseline_of(const std::string& file) const {
  const int neutral = require_neutral(predictor_->facts().classes);
  const auto source = Recording{.path = file}.open(options_.sequence_fps, options_.workers);
  AnalysisOptions options = analysis_;
  options.target = FaceTarget::largest;
  options.sampling.start = Sampling().start;
  options.sampling.end = Sampling().end;
  ProgressBar bar = log_.bar("baseline " + file);
  const VideoAnalysis analysis =
      analyse_video(*source, make_detector_, *predictor_, options,
                    {.progress = [&](std::size_t done, std::size_t total) { bar.update(done, total); },
                     .stop = stop_requested});
  bar.clear();
  std::vector<float> rows;
  for (const SampledFrame& frame : analysis.frames) {
    for (const FaceResult& face : frame.faces)
      rows.insert(rows.end(), face.probabilities.begin(), face.probabilities.end());
  }
  if (rows.empty()) throw data_error("{}: shows no face, so it is no baseline", file);
  log_.info("baseline: {}: {} frames with a face", file, analysis.frames_with_face());
  return neutral_baseline(rows, analysis.classes.size(), neutral);
}

std::string VideoRun::run_key(const Recording& recording) const {
  std::string text = settings_;
  if (recording.is_file()) text += file_key(recording.path);
  for (const fs::path& picture : recording.pictures) text += file_key(picture);
  return sha256(text);
}

std::optional<VideoSummary> VideoRun::finished(const Recording& recording, const fs::path& folder) const {
  if (!fs::exists(folder / kSummary)) return std::nullopt;
  try {
    VideoSummary summary = read_summary(folder / kSummary);
    if (summary.run_key == run_key(recording)) return summary;
    log_.info("{}: was analysed with other settings or another file; it is done anew", folder.string());
  } catch (const Error& error) {
    log_.info("{}; the video is analysed anew", error.what());
  }
  return std::nullopt;
}

VideoSummary VideoRun::analyse(const Recording& recording, const fs::path& folder,
                               const BatchProgress& batch) {
  StagedFolder staged(folder, kSummary);  // first: what cannot be written shows before the work
  const Stopwatch watch;
  const double share = options_.annotate ? 0.5 : 1;
  const auto source = recording.open(options_.sequence_fps, options_.workers);
  ProgressBar bar = log_.bar(batch.title());
  VideoAnalysis analysis =
      analyse_video(*source, make_detector_, *predictor_, analysis_, shown_on(bar, batch, 0, share));
  bar.clear();
  const double seconds = watch.seconds();
  interpret(analysis, interpretation_);
  const std::vector<ExpressionEvent> events = find_events(analysis, options_.shortest_event);

  write_frames_csv(staged / "frames.csv", analysis);
  write_file(staged / "events.csv", events_csv(events, analysis.classes));
  const fs::path media = recording.is_file() ? recording.path : fs::path();
  write_file(staged / "events.eaf", events_eaf(events, analysis, media, folder));
  write_file(staged / "events.TextGrid", events_textgrid(events, analysis));
  write_figure(staged / "timeline", timeline_figure(analysis, events));
  if (options_.annotate && !analysis.frames.empty() && !stop_requested())
    annotate(recording, analysis, staged / "annotated.mp4", batch);
  VideoSummary summary = summarise(analysis, markers_);
  if (!options_.no_report) {
    const bool annotated = fs::exists(staged / "annotated.mp4");
    write_report(recording,
                 {.analysis = analysis,
                  .summary = summary,
                  .events = events,
                  .markers = markers_,
                  .player = player_of(recording, folder, annotated, options_)},
                 staged, batch);
  }
  if (!analysis.stopped && !stop_requested()) summary.run_key = run_key(recording);
  write_file(staged / kSummary, summary_json(summary));
  staged.commit(result_files());

  log_.info("{}: {} frames in {:.2f} s ({:.1f}/s)", recording.path.string(), analysis.frames_total, seconds,
            static_cast<double>(analysis.frames_total) / seconds);
  log_.info("{}: {}", recording.path.string(), audit_line(analysis));
  log_.debug("{}: {:.2f} s with all that was written", recording.path.string(), watch.seconds());
  for (const std::string& warning : summary.warnings)
    log_.warning("{}: {}", recording.path.string(), warning);
  return summary;
}

void VideoRun::write_report(const Recording& recording, const VideoReport& facts, const StagedFolder& staged,
                            const BatchProgress& batch) const {
  const std::vector<PeakPicture> pictures = pictures_of(recording, facts, batch);
  std::vector<std::string> files = {kSummary};
  for (const std::string& name : result_files()) {
    if (fs::exists(staged / name)) files.push_back(name);
  }
  VideoReport report = facts;
  report.pictures = pictures;
  report.files = files;
  write_file(staged / kReport, video_report(report));
}

/// The results are worth keeping without them: asked to stop, or where the recording is gone, there are none.
std::vector<PeakPicture> VideoRun::pictures_of(const Recording& recording, const VideoReport& report,
                                               const BatchProgress& batch) const {
  if (options_.no_thumbnails || options_.blur_faces || report.events.empty()) return {};
  ProgressBar bar = log_.bar("pictures of " + batch.title());
  try {
    const auto source = recording.open(options_.sequence_fps, options_.workers);
    return peak_pictures(*source, report.analysis, report.events, choose_peaks(report.events, kPeaks),
                         shown_on(bar, batch, 1, 1));
  } catch (const Stopped&) {
  } catch (const Error& error) {
    log_.warning("the report has no pictures: {}", error.what());
  }
  return {};
}

/// Asked to stop, it leaves the video out: the tables are worth keeping.
void VideoRun::annotate(const Recording& recording, VideoAnalysis& analysis, const fs::path& path,
                        const BatchProgress& batch) const {
  ProgressBar bar = log_.bar("drawing " + batch.title());
  const auto source = recording.open(options_.sequence_fps, options_.workers);
  try {
    const std::vector<std::string> warnings =
        annotate_video(*source, analysis, path,
                       {.blur_faces = options_.blur_faces,
                        .threads = options_.workers,
                        .sound_from = recording.is_file() ? recording.path : fs::path()},
                       shown_on(bar, batch, 0.5, 1));
    for (const std::string& warning : warnings) analysis.warnings.push_back("annotated.mp4: " + warning);
  } catch (const Stopped&) {
    analysis.stopped = true;
  }
}

}  // namespace fer
