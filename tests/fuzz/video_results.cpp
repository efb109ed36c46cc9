#include "fer/report/video_results.hpp"

#include <cmath>

#include "fer/core/error.hpp"
#include "fer/report/video_files.hpp"
#include "target.hpp"

namespace fer {
namespace {

std::string summary() {
  VideoSummary summary{.video = "talk.mp4", .classes = ClassList(canonical_classes())};
  summary.overall.distribution.resize(7);
  summary.overall.distribution_smoothed.resize(7);
  summary.overall.seconds.resize(7);
  return summary_json(summary);
}

}  // namespace
}  // namespace fer

/// What fer-infer wrote: frames.csv, and events.csv behind a line of "--".
void fer::fuzz(std::string_view bytes) {
  static const std::string kSummary = summary();
  constexpr std::string_view kBetween = "--\n";
  const std::size_t between = std::min(bytes.find(kBetween), bytes.size());
  const std::string_view events = bytes.substr(std::min(between + kBetween.size(), bytes.size()));
  as_file(kSummary, "summary.json");
  as_file(events, "events.csv");
  const auto folder = as_file(bytes.substr(0, between), "frames.csv").parent_path();
  const LabelledVideo video = read_labelled_video(folder, LabelColumn::raw);
  require(std::isfinite(video.end), "a video without an end");
}
