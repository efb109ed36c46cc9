#pragma once

#include <cstdint>
#include <map>
#include <opencv2/core.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fer/core/labels.hpp"
#include "fer/video/face_tracker.hpp"
#include "fer/video/frame_sampler.hpp"
#include "fer/video/frame_source.hpp"
#include "fer/video/interpretation.hpp"
#include "fer/vision/face_crop.hpp"

namespace fer {

/// What is looked at, and how; analyse_video() says which values it refuses.
struct AnalysisOptions {
  Sampling sampling = {};
  Tracking tracking = {};
  FaceTarget target = FaceTarget::all;  ///< which faces of a frame are classified; ids count all of them
  int detect_every =
      0;                ///< sampled frames from one detection to the next, 0..64; 0: to the first 0.1 s later
  int batch_size = 16;  ///< faces per call of the predictor
  int threads = 1;      ///< that work at the same time; never changes a result
};

/// One face in one frame. Probabilities are in class order and sum to 1.
struct FaceResult {
  int face_id = 0;
  float confidence =
      0;                ///< the detector's score; where the face was placed between two detections, the lower
  cv::Rect2f box = {};  ///< pixels of the upright frame
  float brightness = 0;                   ///< mean grey of the crop, 0..255
  std::vector<float> probabilities = {};  ///< the model's, calibrated
  std::vector<float> corrected = {};      ///< for prior and neutral baseline; empty: nothing is corrected
  std::vector<float> smoothed = {};       ///< of evidence()
  int smoothed_label = 0;

  /// What the smoothed label, events and summaries rest on: corrected where there is a correction.
  std::span<const float> evidence() const { return corrected.empty() ? probabilities : corrected; }
};

/// One frame that was looked at; no face is never a label.
struct SampledFrame {
  std::int64_t frame = 0;               ///< index in the video, 0-based
  double timestamp = 0;                 ///< seconds, from the container
  double seconds = 0;                   ///< to the next sampled frame: the time that this one stands for
  std::vector<FaceResult> faces = {};   ///< those that `target` asks for, largest first
  std::vector<cv::Rect2f> others = {};  ///< boxes of the remaining ones
};

/// What was found in one recording, frame by frame, and how.
struct VideoAnalysis {
  std::string video = {};  ///< file name
  VideoFacts facts = {};
  ClassList classes = {};
  std::vector<double> class_prior = {};  ///< class shares in the model's training; empty: not known
  std::string model = {};                ///< backbone
  std::string detector = {};
  AnalysisOptions options = {};
  Interpretation interpretation = {};  ///< how labels were made of probabilities; set by interpret()

  std::vector<SampledFrame> frames = {};        ///< the sampled ones, in the order of time
  std::int64_t frames_total = 0;                ///< decoded: sampled, with or without a face, or skipped
  std::int64_t cuts = 0;                        ///< shots less one
  std::optional<double> duration_seconds = {};  ///< the file's; measured where it states none or too little
  bool damaged = false;                         ///< parts of the file could not be read
  bool stopped = false;                         ///< ended by AnalysisControl::stop
  std::vector<std::string> warnings = {};       ///< sentences without the video's name

  std::int64_t frames_sampled() const { return static_cast<std::int64_t>(frames.size()); }
  std::int64_t frames_with_face() const;
};

/// A face of `frames` in one of them.
struct TrackPoint {
  const SampledFrame* frame;
  FaceResult* face;
};

/// The frames of each face, by its id, in the order of time; points into `analysis`.
std::map<int, std::vector<TrackPoint>> tracks_of(VideoAnalysis& analysis);

/// Fills in what depends on whole tracks, in this order: probabilities corrected for the baseline, then for
/// the prior, then smoothed, with the smoothed labels. Adds warnings for faces that have no baseline. Throws
/// a usage error for choices out of range or that do not fit the classes, a data error where the prior of the
/// training is needed and not known, or nobody is seen at rest.
void interpret(VideoAnalysis& analysis, const Interpretation& interpretation);

/// The most probable class (the first of equals), or nothing if its probability is below `abstain`.
std::optional<int> label_of(std::span<const float> probabilities, double abstain = 0);

/// The smoothed label, or nothing if its probability is below `abstain`.
std::optional<int> smoothed_label_of(const FaceResult& face, double abstain);

/// "ok", or "uncertain" for a face whose label is withheld.
std::string_view face_status(const FaceResult& face, double abstain);

/// "150 frames decoded = 18 with a face + 0 without + 132 skipped".
std::string audit_line(const VideoAnalysis& analysis);

}  // namespace fer
