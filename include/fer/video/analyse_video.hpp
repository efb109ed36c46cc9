#pragma once

#include "fer/core/progress.hpp"
#include "fer/core/stop.hpp"
#include "fer/video/analysis.hpp"

namespace fer {

class Predictor;

/// How an analysis is watched and stopped; changes no result.
struct AnalysisControl {
  ProgressFn progress = {};  ///< decoded frames, of as many as there may be before sampling.end (0: unknown)
  StopFn stop = {};          ///< asked once per decoded frame; what was analysed until then is returned
};

/// Reads the frames from where the source stands to its end, finds and tracks the faces in the sampled ones,
/// and classifies those that count; nothing is interpreted yet.
///
/// Detection: the detector looks at one sampled frame in `detect_every`, and at the frames on both sides of a
/// cut. A face that two detections show in a row was in between on the way between; where a face came or
/// went, the detector looks at the frames between, too.
///
/// Frames go through reading, detection, tracking, cropping and classification at the same time, by up to
/// `threads` threads, each with a detector of its own. A handful of frames and batches are in memory at a
/// time. No result depends on the number of threads, as long as the caller keeps LibTorch and OpenCV to one
/// thread each (use_threads(1), cv::setNumThreads(1)).
///
/// Throws a usage error for options out of range, what the detector and predictor throw, and a failure if the
/// predictor's answer does not fit its classes.
VideoAnalysis analyse_video(FrameSource& source, const FaceDetectorFactory& make_detector,
                            Predictor& predictor, const AnalysisOptions& options = {},
                            const AnalysisControl& control = {});

}  // namespace fer
