#include "video_batch.hpp"

#include <fmt/format.h>

#include <set>
#include <string>
#include <utility>

#include "coding_run.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

constexpr char kWhatToDo[] = "name another folder with -o, or pass --resume or --exist-ok";

/// A name for each recording's folder: its own, numbered where two are called alike.
std::vector<std::string> folder_names(std::span<const Recording> recordings, const InferOptions& options) {
  std::vector<std::string> names;
  std::set<std::string> taken;
  if (options.sample_for_coding) taken.insert(kCodingFolder);
  for (const Recording& recording : recordings) {
    std::string name = recording.name();
    for (int number = 2; !taken.insert(name).second; ++number)
      name = fmt::format("{}-{}", recording.name(), number);
    names.push_back(std::move(name));
  }
  return names;
}

std::vector<ListedRecording> shared_out(std::span<const Recording> recordings,
                                        std::span<const std::string> names, int shards) {
  std::vector<std::uintmax_t> bytes;
  for (const Recording& recording : recordings) bytes.push_back(recording.bytes());
  const std::vector<int> shard_of = share_out(bytes, shards);
  std::vector<ListedRecording> list;
  for (std::size_t i = 0; i < recordings.size(); ++i) {
    list.push_back(
        {.path = recordings[i].path, .folder = names[i], .shard = {.number = shard_of[i], .count = shards}});
  }
  return list;
}

bool another_list_is_there(const VideoBatch& batch, const fs::path& path) {
  return fs::exists(path) && read_file(path) != recordings_csv(batch.list);
}

void refuse_to_write_over(const VideoBatch& batch, const InferOptions& options) {
  if (options.exist_ok || options.resume) return;
  for (const fs::path& folder : batch.folders) {
    if (fs::exists(folder / "frames.csv"))
      throw usage_error("{}: holds results already; {}", folder.string(), kWhatToDo);
  }
  const fs::path list = options.output / kRecordingList;
  if (options.shard && another_list_is_there(batch, list)) {
    throw usage_error("{}: was written for other recordings, sizes of files or numbers of shards; {}",
                      list.string(), kWhatToDo);
  }
}

}  // namespace

VideoBatch choose_batch(const InferOptions& options) {
  std::vector<Recording> recordings = find_recordings(options.inputs);
  const std::vector<std::string> names = folder_names(recordings, options);
  VideoBatch batch;
  if (options.shard) batch.list = shared_out(recordings, names, options.shard->count);
  for (std::size_t i = 0; i < recordings.size(); ++i) {
    if (options.shard && batch.list[i].shard.number != options.shard->number) continue;
    batch.recordings.push_back(std::move(recordings[i]));
    batch.folders.push_back(options.output / names[i]);
  }
  refuse_to_write_over(batch, options);
  return batch;
}

void write_list(const VideoBatch& batch, const InferOptions& options, Log& log) {
  if (!options.shard) return;
  const fs::path path = options.output / kRecordingList;
  if (another_list_is_there(batch, path))
    log.warning("{}: was written for other recordings, sizes of files or numbers of shards; it is replaced",
                path.string());
  write_file(path, recordings_csv(batch.list));
}

}  // namespace fer
