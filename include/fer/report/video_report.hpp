#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fer/video/analysis.hpp"
#include "fer/video/events.hpp"
#include "fer/video/markers.hpp"
#include "fer/video/peak_pictures.hpp"
#include "fer/video/summary.hpp"

namespace fer {

/// What the page plays.
struct ReportPlayer {
  std::filesystem::path file = {};  ///< from the page's folder; empty: there is nothing to play
  double starts_at = 0;             ///< the second of the recording that it begins with
};

/// All that the page of one video tells of.
struct VideoReport {
  const VideoAnalysis& analysis;  ///< after interpret()
  const VideoSummary& summary;
  std::span<const ExpressionEvent> events = {};
  std::span<const Marker> markers = {};  ///< of any video
  std::span<const PeakPicture> pictures = {};
  ReportPlayer player = {};
  std::span<const std::string> files = {};  ///< those beside the page that it links to
};

/// report.html: one file that asks the network for nothing and shows the video beside a timeline of each
/// face's probabilities, the events, the summary and how they were made. At most 5 MB: of long recordings
/// several sampled frames are drawn as one, and of very many faces and events only the ones seen longest.
std::string video_report(const VideoReport& report);

}  // namespace fer
