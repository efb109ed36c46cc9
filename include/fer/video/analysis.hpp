#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fer/core/labels.hpp"
#include "fer/core/progress.hpp"
#include "fer/core/stop.hpp"
#include "fer/video/frame_sampler.hpp"
#include "fer/video/smoother.hpp"
#include "fer/video/video_file.hpp"

namespace fer {

class FaceDetector;
class Predictor;

struct AnalysisOptions {
  Sampling sampling = {};
  Smoothing smoothing = {};
  double abstain = 0;   ///< a face whose highest probability is below this is `uncertain`; 0: none is
  int batch_size = 16;  ///< faces per call of the predictor; never changes a result
};

struct AnalysisControl {
  ProgressFn progress = {};  ///< decoded frames, of as many as the container announces (0: unknown)
  StopFn stop = {};          ///< asked once per decoded frame; what was analysed until then is returned
};

/// One face in one frame. Probabilities are in class order and sum to 1.
struct FaceResult {
  int face_id = 0;
  float confidence = 0;  ///< the detector's score
  cv::Rect2f box = {};   ///< pixels of the upright frame
  std::vector<float> probabilities = {};
  std::vector<float> smoothed = {};
};

/// One sampled frame; no face is never a label.
struct FrameRow {
  std::int64_t frame = 0;  ///< index in the video, 0-based
  double timestamp = 0;    ///< seconds, from the container
  std::optional<FaceResult> face = {};
};

struct VideoAnalysis {
  std::string video = {};  ///< file name
  VideoFacts facts = {};
  ClassList classes = {};
  std::string model = {};  ///< backbone
  std::string detector = {};
  AnalysisOptions options = {};

  std::vector<FrameRow> rows = {};  ///< exactly one for each sampled frame, in the order of time
  std::int64_t frames_total = 0;    ///< decoded: sampled, with or without a face, or skipped
  std::int64_t frames_with_face = 0;
  std::optional<double> duration_seconds = {};  ///< the file's; measured where it states none or too little
  bool damaged = false;                         ///< parts of the file could not be read
  bool stopped = false;                         ///< ended by AnalysisControl::stop
  std::vector<std::string> warnings = {};       ///< sentences without the video's name

  std::int64_t frames_sampled() const { return static_cast<std::int64_t>(rows.size()); }
};

/// The most probable class (the first of equals), or nothing if its probability is below `abstain`.
std::optional<int> label_of(std::span<const float> probabilities, double abstain = 0);

/// "ok", "uncertain" or "no_face".
std::string_view row_status(const FrameRow& row, double abstain);

/// "150 frames decoded = 18 with a face + 0 without + 132 skipped".
std::string audit_line(const VideoAnalysis& analysis);

/// Reads the video from where it stands to its end, looks in each sampled frame for the face that counts
/// (the checkpoint says largest or centre) and classifies it as face 0. At most `batch_size` face crops and
/// one frame are in memory at a time. Throws a usage error for options out of range, and a failure if the
/// predictor's answer does not fit its classes.
VideoAnalysis analyse_video(VideoFile& video, FaceDetector& detector, Predictor& predictor,
                            const AnalysisOptions& options = {}, const AnalysisControl& control = {});

}  // namespace fer
