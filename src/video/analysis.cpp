#include "fer/video/analysis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "fer/core/error.hpp"
#include "fer/model/predictor.hpp"
#include "fer/vision/face_crop.hpp"
#include "fer/vision/face_detector.hpp"

namespace fer {
namespace {

/// Face crops that wait for the predictor, each with the row its probabilities go to.
class FaceBatch {
 public:
  FaceBatch(Predictor& predictor, std::vector<FrameRow>& rows, int capacity)
      : predictor_(predictor), rows_(rows), capacity_(static_cast<std::size_t>(capacity)) {}

  /// The face is that of the last row.
  void add(cv::Mat crop) {
    crops_.push_back(std::move(crop));
    targets_.push_back(rows_.size() - 1);
    if (crops_.size() == capacity_) flush();
  }

  void flush() {
    if (crops_.empty()) return;
    std::vector<std::vector<float>> answers = predictor_.predict(crops_);
    if (answers.size() != crops_.size())
      throw failure("the predictor gave {} rows for {} faces", answers.size(), crops_.size());
    const auto classes = static_cast<std::size_t>(predictor_.facts().classes.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (answers[i].size() != classes)
        throw failure("the predictor gave {} probabilities for {} classes", answers[i].size(), classes);
      rows_[targets_[i]].face->probabilities = std::move(answers[i]);
    }
    crops_.clear();
    targets_.clear();
  }

 private:
  Predictor& predictor_;
  std::vector<FrameRow>& rows_;
  std::size_t capacity_;
  std::vector<cv::Mat> crops_;
  std::vector<std::size_t> targets_;
};

/// The shortest and longest time between neighbouring frames.
struct FrameIntervals {
  double shortest = std::numeric_limits<double>::infinity();
  double longest = 0;
  std::optional<double> last;

  void add(double timestamp) {
    if (last) {
      shortest = std::min(shortest, timestamp - *last);
      longest = std::max(longest, timestamp - *last);
    }
    last = timestamp;
  }

  /// More than containers' rounding makes of an even rate.
  bool vary() const { return longest - shortest > std::max(2 * kTimeTolerance, 0.1 * shortest); }
};

void smooth_tracks(std::vector<FrameRow>& rows, const Smoothing& smoothing) {
  std::map<int, std::vector<FaceResult*>> faces;
  std::map<int, std::vector<TimedProbabilities>> tracks;
  for (FrameRow& row : rows) {
    if (!row.face) continue;
    faces[row.face->face_id].push_back(&*row.face);
    tracks[row.face->face_id].push_back({row.timestamp, row.face->probabilities});
  }
  for (const auto& [id, track] : tracks) {
    auto smoothed = smooth(track, smoothing);
    for (std::size_t i = 0; i < smoothed.size(); ++i)
      faces[id][i]->smoothed = std::move(smoothed[i].probabilities);
  }
}

/// The file's word, unless it states nothing or less than was decoded.
std::optional<double> duration_of(const VideoFacts& facts, const FrameIntervals& times) {
  if (!times.last || (facts.duration_seconds && *facts.duration_seconds > *times.last))
    return facts.duration_seconds;
  return *times.last + 1.0 / (facts.fps > 0 ? facts.fps : 25.0);
}

std::vector<std::string> warnings_of(const VideoAnalysis& analysis, const VideoFile& video,
                                     const FrameIntervals& times) {
  std::vector<std::string> warnings = video.warnings();
  if (times.vary()) {
    warnings.push_back(
        fmt::format("variable frame rate: {:.1f} to {:.1f} ms between frames; times are the container's",
                    1000 * times.shortest, 1000 * times.longest));
  }
  if (analysis.rows.empty() && !analysis.stopped) {
    const Sampling& sampling = analysis.options.sampling;
    warnings.push_back(fmt::format("no frame was sampled between {} and {} s", sampling.start, sampling.end));
  }
  return warnings;
}

void check(const AnalysisOptions& options) {
  if (options.batch_size < 1) throw usage_error("batch size: {}, expected at least 1", options.batch_size);
  if (!(options.abstain >= 0 && options.abstain <= 1))
    throw usage_error("abstain: {}, expected a probability from 0 to 1", options.abstain);
  smooth({}, options.smoothing);
}

}  // namespace

std::optional<int> label_of(std::span<const float> probabilities, double abstain) {
  const auto top = std::ranges::max_element(probabilities);
  if (top == probabilities.end() || *top < abstain) return std::nullopt;
  return static_cast<int>(top - probabilities.begin());
}

std::string_view row_status(const FrameRow& row, double abstain) {
  if (!row.face) return "no_face";
  return label_of(row.face->probabilities, abstain) ? "ok" : "uncertain";
}

std::string audit_line(const VideoAnalysis& analysis) {
  return fmt::format("{} frames decoded = {} with a face + {} without + {} skipped", analysis.frames_total,
                     analysis.frames_with_face, analysis.frames_sampled() - analysis.frames_with_face,
                     analysis.frames_total - analysis.frames_sampled());
}

VideoAnalysis analyse_video(VideoFile& video, FaceDetector& detector, Predictor& predictor,
                            const AnalysisOptions& options, const AnalysisControl& control) {
  check(options);
  FrameSampler sampler(options.sampling);
  const PredictorFacts& model = predictor.facts();
  VideoAnalysis analysis{.video = video.path().filename().string(),
                         .facts = video.facts(),
                         .classes = model.classes,
                         .model = model.backbone,
                         .detector = std::string(detector.name()),
                         .options = options};
  FaceBatch batch(predictor, analysis.rows, options.batch_size);
  FrameIntervals times;
  const auto announced = static_cast<std::size_t>(analysis.facts.frames_announced);

  while (const auto frame = video.next()) {
    if (sampler.finished(frame->timestamp)) break;
    analysis.stopped = control.stop && control.stop();
    if (analysis.stopped) break;
    ++analysis.frames_total;
    times.add(frame->timestamp);
    if (sampler.take(*frame)) {
      FrameRow& row =
          analysis.rows.emplace_back(FrameRow{.frame = frame->index, .timestamp = frame->timestamp});
      const cv::Mat image = video.image();
      const auto faces = choose_faces(detector.detect(image), image.size(), model.preprocessing.target);
      if (!faces.empty()) {
        row.face = FaceResult{.confidence = faces.front().score, .box = faces.front().box};
        ++analysis.frames_with_face;
        batch.add(face_crop(image, faces.front(), model.preprocessing));
      }
    }
    const auto done = static_cast<std::size_t>(analysis.frames_total);
    if (control.progress) control.progress(done, announced == 0 ? 0 : std::max(done, announced));
  }
  batch.flush();
  smooth_tracks(analysis.rows, options.smoothing);

  analysis.duration_seconds = duration_of(analysis.facts, times);
  analysis.damaged = video.damaged();
  analysis.warnings = warnings_of(analysis, video, times);
  return analysis;
}

}  // namespace fer
