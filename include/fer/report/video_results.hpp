#pragma once

#include <filesystem>
#include <vector>

#include "fer/video/labelled_video.hpp"

namespace fer {

/// Which labels of frames.csv; those of events are smoothed in any case.
enum class LabelColumn { smoothed, raw };

/// Reads back what fer-infer wrote of one video: summary.json, frames.csv and events.csv. Throws a data error
/// that names file and line for what is missing or damaged.
LabelledVideo read_labelled_video(const std::filesystem::path& folder, LabelColumn column);

/// Of one video's folder, or of each such folder in it, by name. Throws a data error for a folder that holds
/// no results, and for results of different classes.
std::vector<LabelledVideo> read_labelled_videos(const std::filesystem::path& folder, LabelColumn column);

}  // namespace fer
