#pragma once

#include <string>
#include <vector>

#include "fer/video/summary.hpp"

namespace fer {

/// What a reader of the results should know before trusting them; sentences, none where all is well.
std::vector<std::string> quality_warnings(const VideoAnalysis& analysis, const VideoSummary& summary);

}  // namespace fer
