#pragma once

#include <span>
#include <string>

#include "fer/report/figure.hpp"
#include "fer/video/analysis.hpp"
#include "fer/video/events.hpp"

namespace fer {

inline constexpr std::size_t kTimelineFaces = 6;

/// A video's emotions over time, two columns wide: for each of the kTimelineFaces faces with the most frames,
/// by id, the smoothed probability of each class, the model's own as thin lines, gaps where the face was not
/// seen, and its events as bars; below all, a strip that is dark where some face was seen. Says how many
/// faces are left out. Where there are more frames than print can show, lines show the mean over a column of
/// some. Call after interpret().
Figure timeline_figure(const VideoAnalysis& analysis, std::span<const ExpressionEvent> events);

}  // namespace fer
