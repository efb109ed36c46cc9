#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "batch_progress.hpp"
#include "fer/engine/predictor.hpp"
#include "fer/report/video_report.hpp"
#include "fer/video/analyse_video.hpp"
#include "fer/video/summary.hpp"
#include "infer_options.hpp"
#include "recordings.hpp"

namespace fer {

class StagedFolder;

/// What fer-infer does with one recording after the other.
class VideoRun {
 public:
  /// Loads the model and looks at the baseline's video, if there is one. Keeps LibTorch and OpenCV to one
  /// thread each from now on, as the analysis has threads of its own. Throws what these throw.
  VideoRun(const InferOptions& options, Log& log);

  /// The summary of a recording whose results lie in `folder`, whole and of the same settings; else nothing.
  std::optional<VideoSummary> finished(const Recording& recording, const std::filesystem::path& folder) const;

  /// Analyses a recording and writes all its results into `folder`, or none of them.
  VideoSummary analyse(const Recording& recording, const std::filesystem::path& folder,
                       const BatchProgress& batch);

 private:
  void choose_detector();
  void refuse_bad_choices() const;
  NeutralBaseline baseline_of(const std::string& file) const;
  void annotate(const Recording& recording, VideoAnalysis& analysis, const std::filesystem::path& path,
                const BatchProgress& batch) const;
  void write_report(const Recording& recording, const VideoReport& facts, const StagedFolder& staged,
                    const BatchProgress& batch) const;
  std::vector<PeakPicture> pictures_of(const Recording& recording, const VideoReport& report,
                                       const BatchProgress& batch) const;
  std::string run_key(const Recording& recording) const;

  const InferOptions& options_;
  Log& log_;
  std::unique_ptr<Predictor> predictor_;
  FaceDetectorFactory make_detector_;
  std::string settings_;
  AnalysisOptions analysis_;
  Interpretation interpretation_;
  std::vector<Marker> markers_;
};

}  // namespace fer
