#include "quality_warnings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace fer {
namespace {

constexpr double kLittleCoverage = 0.5;
constexpr double kMostlyNeutral = 0.5;
constexpr double kLowConfidence = 0.5;
constexpr float kSmallFace = 48;  // pixels, FER-2013's size, below which people disagree on expressions, too
constexpr float kDarkFace = 40;   // mean grey of 255
constexpr double kMostFaces = 0.5;

template <class Condition>
double share_of_faces(const VideoAnalysis& analysis, const EmotionCounts& counts,
                      const Condition& condition) {
  std::int64_t faces = 0;
  for (const SampledFrame& frame : analysis.frames) faces += std::ranges::count_if(frame.faces, condition);
  return static_cast<double>(faces) / static_cast<double>(counts.frames);
}

/// Share of `neutral` among the faces with a label, corrected where there is a correction; 0 where the
/// classes have none.
double neutral_share(const EmotionCounts& counts, const ClassList& classes) {
  const auto neutral = classes.find("neutral");
  const auto& labels =
      counts.distribution_corrected.empty() ? counts.distribution : counts.distribution_corrected;
  const auto all = std::accumulate(labels.begin(), labels.end(), std::int64_t{0});
  if (!neutral || all == 0) return 0;
  return static_cast<double>(labels[static_cast<std::size_t>(*neutral)]) / static_cast<double>(all);
}

}  // namespace

std::vector<std::string> quality_warnings(const VideoAnalysis& analysis, const VideoSummary& summary) {
  std::vector<std::string> warnings;
  if (summary.frames_sampled > 0 && summary.coverage() < kLittleCoverage) {
    warnings.push_back(
        summary.frames_with_face == 0
            ? "no sampled frame shows a face"
            : fmt::format("only {:.0f} % of the sampled frames show a face", 100 * summary.coverage()));
  }
  const EmotionCounts& counts = summary.overall;
  if (counts.frames == 0) return warnings;
  if (const double share = neutral_share(counts, summary.classes); share > kMostlyNeutral) {
    warnings.push_back(fmt::format(
        "{:.0f} % of the faces are neutral: classifiers call subtle expressions neutral, see --prior and "
        "--baseline",
        100 * share));
  }
  if (*counts.mean_confidence < kLowConfidence) {
    warnings.push_back(
        fmt::format("the mean confidence is {:.0f} %: single labels mean little, see --abstain",
                    100 * *counts.mean_confidence));
  }
  const double small = share_of_faces(analysis, counts, [](const FaceResult& face) {
    return std::min(face.box.width, face.box.height) < kSmallFace;
  });
  if (small > kMostFaces)
    warnings.push_back(
        fmt::format("{:.0f} % of the faces are smaller than {} pixels", 100 * small, kSmallFace));
  const double dark =
      share_of_faces(analysis, counts, [](const FaceResult& face) { return face.brightness < kDarkFace; });
  if (dark > kMostFaces) warnings.push_back(fmt::format("{:.0f} % of the faces are very dark", 100 * dark));
  return warnings;
}

}  // namespace fer
