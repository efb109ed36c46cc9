#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace fer {

/// One of several shares of a list of recordings, for calls of fer-infer that share the work.
struct Shard {
  int number = 1;  ///< 1 to count
  int count = 1;

  std::string text() const;  ///< "2/3"
};

/// "2/3" -> the second of three. Throws a usage error for anything else.
Shard parse_shard(const std::string& text);

/// The number of each recording's shard, 1 to `shards`, by the sizes of the recordings alone: the largest
/// first, each to the shard that has the fewest bytes, then the fewest recordings, then the lowest number.
/// Recordings of one size go in their order. No shard has more bytes than another plus the largest recording;
/// with more shards than recordings the last ones stay empty.
std::vector<int> share_out(std::span<const std::uintmax_t> bytes, int shards);

/// The file in the results folder that says what all shards together analyse; each writes the same.
inline constexpr char kRecordingList[] = "recordings.csv";

struct ListedRecording {
  std::filesystem::path path = {};  ///< as given
  std::string folder = {};          ///< name of its results' folder
  Shard shard = {};
};

/// recordings.csv: recording,folder,shard,shards; in the order of the whole list.
std::string recordings_csv(std::span<const ListedRecording> list);

/// Throws a data error that names file and line for one that is missing or damaged.
std::vector<ListedRecording> read_recordings_csv(const std::filesystem::path& path);

}  // namespace fer
