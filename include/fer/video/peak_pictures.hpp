#pragma once

#include <cstddef>
#include <opencv2/core.hpp>
#include <span>
#include <vector>

#include "fer/video/analyse_video.hpp"
#include "fer/video/analysis.hpp"
#include "fer/video/events.hpp"
#include "fer/video/frame_source.hpp"

namespace fer {

/// What a face looked like at the apex of an event.
struct PeakPicture {
  std::size_t event = 0;  ///< place among the events
  cv::Mat rgb = {};       ///< coding_picture()
};

/// Which events to show, in ascending order, at most `wanted`: of each expression the most probable one, then
/// of each the next, and so on.
std::vector<std::size_t> choose_peaks(std::span<const ExpressionEvent> events, std::size_t wanted);

/// Frames that peak_pictures() decodes at most.
inline constexpr std::size_t kMostFramesForPeaks = 10'000;

/// Pictures of the events chosen, which ascend, from a second reading of the recording: `source` is at its
/// beginning. It skips what lies between (FrameSource::skip_towards) and gives up after decoding
/// kMostFramesForPeaks frames, so that it costs seconds, however long the recording is: later events then
/// have no picture, as have those whose frame cannot be read any more. Throws Stopped.
std::vector<PeakPicture> peak_pictures(FrameSource& source, const VideoAnalysis& analysis,
                                       std::span<const ExpressionEvent> events,
                                       std::span<const std::size_t> chosen,
                                       const AnalysisControl& control = {});

}  // namespace fer
