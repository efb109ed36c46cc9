#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "fer/app/program.hpp"
#include "fer/video/summary.hpp"

namespace fer {

class Log;

/// Which tables over several recordings, and where.
struct VideoTables {
  std::filesystem::path folder = {};
  std::string suffix = {};  ///< of the files' names
  bool conditions = false;  ///< conditions.csv, too
};

/// Writes summary.csv and, where asked for, conditions.csv, and prints the reference table.
void write_tables(std::span<const VideoSummary> summaries, const VideoTables& tables, const Console& console);

/// What shards left in a results folder, taken together: the tables that a call without --shard writes, in
/// the order of recordings.csv; conditions.csv where a marker is about any of the recordings. Warns of each
/// recording without results, or whose analysis was stopped, and says which shards to run again. Returns 4
/// then, and where a recording is damaged. Throws a data error where there is no list of recordings, or for
/// results of different models or settings.
int merge_shards(const std::filesystem::path& folder, const Console& console, Log& log);

}  // namespace fer
