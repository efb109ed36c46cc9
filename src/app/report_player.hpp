#pragma once

#include <filesystem>

#include "fer/report/video_report.hpp"
#include "infer_options.hpp"
#include "recordings.hpp"

namespace fer {

/// What a report in `folder` plays: the annotated video if there is one, else the recording from where it
/// lies; nothing where that is pictures, or shows faces that are to be unrecognisable.
ReportPlayer player_of(const Recording& recording, const std::filesystem::path& folder, bool annotated,
                       const InferOptions& options);

}  // namespace fer
