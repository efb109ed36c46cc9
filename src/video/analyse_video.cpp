#include "fer/video/analyse_video.hpp"

#include <fmt/format.h>
#include <tbb/concurrent_queue.h>
#include <tbb/global_control.h>
#include <tbb/parallel_pipeline.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "fer/core/error.hpp"
#include "fer/engine/predictor.hpp"
#include "frame_groups.hpp"
#include "pipeline_items.hpp"
#include "track_finder.hpp"

namespace fer {
namespace {

using Crops = std::vector<cv::Mat>;

/// One group of frames on its way; each stage adds its part.
struct Work {
  FrameGroup group = {};
  std::vector<FaceDetection> last_detections = {};     // in the group's last frame
  std::vector<std::vector<TrackedFace>> faces = {};    // in each of its frames
  std::vector<SampledFrame> frames = {};               // without probabilities
  Crops crops = {};                                    // of their faces, in order
  std::vector<Crops> batches = {};                     // that these crops made full
  std::vector<std::vector<float>> probabilities = {};  // of the batches
};

/// Detectors, each for one thread at a time; made as they are needed.
class DetectorPool {
 public:
  explicit DetectorPool(const FaceDetectorFactory& make) : make_(make) {}

  std::vector<FaceDetection> detect(const cv::Mat& image) {
    std::unique_ptr<FaceDetector> detector;
    if (!idle_.try_pop(detector)) detector = make_();
    std::vector<FaceDetection> faces = detector->detect(image);
    idle_.push(std::move(detector));
    return faces;
  }

 private:
  const FaceDetectorFactory& make_;
  tbb::concurrent_queue<std::unique_ptr<FaceDetector>> idle_;
};

std::vector<std::vector<float>> classify(Predictor& predictor, const Crops& crops) {
  auto answers = predictor.predict(crops);
  if (answers.size() != crops.size())
    throw failure("the predictor gave {} rows for {} faces", answers.size(), crops.size());
  const auto classes = static_cast<std::size_t>(predictor.facts().classes.size());
  for (const auto& answer : answers) {
    if (answer.size() != classes)
      throw failure("the predictor gave {} probabilities for {} classes", answer.size(), classes);
  }
  return answers;
}

/// Frames without probabilities and their crops, of the group's faces.
void cut_out_faces(Work& work, const Preprocessing& preprocessing, FaceTarget target) {
  for (std::size_t i = 0; i < work.faces.size(); ++i) {
    const auto& [frame, image] = work.group.frames[i];
    SampledFrame sampled{.frame = frame.index, .timestamp = frame.timestamp};
    std::vector<FaceDetection> faces;
    for (const TrackedFace& tracked : work.faces[i]) faces.push_back(tracked.face);
    const std::vector<std::size_t> chosen = choose_faces(faces, image.size(), target);
    for (std::size_t k = 0; k < work.faces[i].size(); ++k) {
      const auto& [id, face] = work.faces[i][k];
      if (std::ranges::count(chosen, k) == 0) {
        sampled.others.push_back(face.box);
        continue;
      }
      work.crops.push_back(face_crop(image, face, preprocessing));
      const cv::Scalar colour = cv::mean(work.crops.back());
      sampled.faces.push_back({.face_id = id,
                               .confidence = face.score,
                               .box = face.box,
                               .brightness = static_cast<float>((colour[0] + colour[1] + colour[2]) / 3)});
    }
    work.frames.push_back(std::move(sampled));
  }
  work.group = {};  // the images are not needed any more
}

template <class T>
void append(std::vector<T>& all, std::vector<T>&& more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// The stages of the way from frames to probabilities.
class AnalysisStages {
 public:
  AnalysisStages(FrameSource& source, const FaceDetectorFactory& make_detector, Predictor& predictor,
                 const AnalysisOptions& options, const AnalysisControl& control)
      : options_(options),
        predictor_(predictor),
        groups_(source, options, control),
        detectors_(make_detector),
        tracks_(options.tracking, make_detector()) {}

  void run() {
    using tbb::filter_mode;
    PipelineItems<Work> items(static_cast<std::size_t>(options_.threads) + 2);
    const auto read = [&](tbb::flow_control& flow) {
      auto group = groups_.next();
      if (!group) flow.stop();
      return group ? items.add({.group = *std::move(group)}) : nullptr;
    };
    const auto detect = [this](Work* work) {
      work->last_detections = detectors_.detect(work->group.frames.back().image);
      return work;
    };
    const auto track = [this](Work* work) {
      work->faces = tracks_.find(work->group, work->last_detections);
      return work;
    };
    const auto cut_out = [this](Work* work) {
      cut_out_faces(*work, predictor_.facts().preprocessing, options_.target);
      return work;
    };
    const auto gather = [this](Work* work) {
      fill_batches(*work);
      append(frames_, std::move(work->frames));
      return work;
    };
    const auto predict = [this](Work* work) {
      for (const Crops& batch : work->batches) append(work->probabilities, classify(predictor_, batch));
      return work;
    };
    const auto keep = [this](Work* work) { append(probabilities_, std::move(work->probabilities)); };

    // TBB has as many threads as there are cores unless told otherwise.
    const tbb::global_control control(tbb::global_control::max_allowed_parallelism,
                                      static_cast<std::size_t>(options_.threads));
    tbb::task_arena arena(options_.threads);
    arena.execute([&] {
      tbb::parallel_pipeline(items.most(),
                             tbb::make_filter<void, Work*>(filter_mode::serial_in_order, read) &
                                 tbb::make_filter<Work*, Work*>(filter_mode::parallel, detect) &
                                 tbb::make_filter<Work*, Work*>(filter_mode::serial_in_order, track) &
                                 tbb::make_filter<Work*, Work*>(filter_mode::parallel, cut_out) &
                                 tbb::make_filter<Work*, Work*>(filter_mode::serial_in_order, gather) &
                                 tbb::make_filter<Work*, Work*>(filter_mode::parallel, predict) &
                                 tbb::make_filter<Work*, void>(filter_mode::serial_in_order, keep));
    });
    if (!waiting_.empty()) append(probabilities_, classify(predictor_, waiting_));
  }

  const FrameGroups& groups() const { return groups_; }
  std::string_view detector_name() const { return tracks_.detector_name(); }

  /// All frames with their probabilities, after run().
  std::vector<SampledFrame> take_frames() {
    auto next = probabilities_.begin();
    for (SampledFrame& frame : frames_) {
      for (FaceResult& face : frame.faces) face.probabilities = std::move(*next++);
    }
    return std::move(frames_);
  }

 private:
  void fill_batches(Work& work) {
    for (cv::Mat& crop : work.crops) {
      waiting_.push_back(std::move(crop));
      if (waiting_.size() == static_cast<std::size_t>(options_.batch_size))
        work.batches.push_back(std::exchange(waiting_, {}));
    }
    work.crops.clear();
  }

  const AnalysisOptions& options_;
  Predictor& predictor_;
  FrameGroups groups_;
  DetectorPool detectors_;
  TrackFinder tracks_;
  Crops waiting_;  // for a batch to be full
  std::vector<SampledFrame> frames_;
  std::vector<std::vector<float>> probabilities_;  // of their faces, in order
};

/// The file's word, unless it states nothing or less than was decoded.
std::optional<double> duration_of(const VideoFacts& facts, const FrameIntervals& times) {
  if (!times.last || (facts.duration_seconds && *facts.duration_seconds > *times.last))
    return facts.duration_seconds;
  return *times.last + facts.frame_interval();
}

/// Each frame stands for the time until the next one; the last as long as the one before, a single one for
/// a frame's time.
void spread_time(std::vector<SampledFrame>& frames, const VideoFacts& facts) {
  for (std::size_t i = 0; i + 1 < frames.size(); ++i)
    frames[i].seconds = frames[i + 1].timestamp - frames[i].timestamp;
  if (frames.empty()) return;
  frames.back().seconds = frames.size() > 1 ? frames[frames.size() - 2].seconds : facts.frame_interval();
}

std::vector<std::string> reading_warnings(const VideoAnalysis& analysis, const FrameSource& source,
                                          const FrameIntervals& times) {
  std::vector<std::string> warnings = source.warnings();
  if (times.vary()) {
    warnings.push_back(
        fmt::format("variable frame rate: {:.1f} to {:.1f} ms between frames; times are the container's",
                    1000 * times.shortest, 1000 * times.longest));
  }
  if (analysis.frames.empty() && !analysis.stopped) {
    const Sampling& sampling = analysis.options.sampling;
    warnings.push_back(fmt::format("no frame was sampled between {} and {} s", sampling.start, sampling.end));
  }
  return warnings;
}

void check(const AnalysisOptions& options) {
  if (options.batch_size < 1) throw usage_error("batch size: {}, expected at least 1", options.batch_size);
  if (options.threads < 1) throw usage_error("threads: {}, expected at least 1", options.threads);
}

}  // namespace

VideoAnalysis analyse_video(FrameSource& source, const FaceDetectorFactory& make_detector,
                            Predictor& predictor, const AnalysisOptions& options,
                            const AnalysisControl& control) {
  check(options);
  AnalysisStages stages(source, make_detector, predictor, options, control);
  stages.run();
  const FrameGroups& read = stages.groups();
  VideoAnalysis analysis{.video = source.path().filename().string(),
                         .facts = source.facts(),
                         .classes = predictor.facts().classes,
                         .class_prior = predictor.facts().class_prior,
                         .model = predictor.facts().backbone,
                         .detector = std::string(stages.detector_name()),
                         .options = options,
                         .frames = stages.take_frames(),
                         .frames_total = read.frames_total(),
                         .cuts = read.cuts(),
                         .duration_seconds = duration_of(source.facts(), read.intervals()),
                         .damaged = source.damaged(),
                         .stopped = read.stopped()};
  spread_time(analysis.frames, analysis.facts);
  analysis.warnings = reading_warnings(analysis, source, read.intervals());
  return analysis;
}

}  // namespace fer
