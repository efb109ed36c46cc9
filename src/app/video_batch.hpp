#pragma once

#include <filesystem>
#include <vector>

#include "infer_options.hpp"
#include "recordings.hpp"
#include "video_shards.hpp"

namespace fer {

/// What one call of fer-infer analyses: all recordings, or with --shard its share of them.
struct VideoBatch {
  std::vector<Recording> recordings = {};
  std::vector<std::filesystem::path> folders = {};  ///< for the results of each
  std::vector<ListedRecording> list = {};           ///< of a shard: all recordings; else empty
};

/// The folders are named after all recordings, numbered where two are called alike, so that a shard's are
/// those of a call without --shard. Throws as find_recordings() does, and unless --resume or --exist-ok is
/// given a usage error where one of the folders holds results, or where shards were told to share out other
/// recordings or otherwise.
VideoBatch choose_batch(const InferOptions& options);

/// Tells --merge what all shards together analyse; nothing without --shard.
void write_list(const VideoBatch& batch, const InferOptions& options, Log& log);

}  // namespace fer
