#include "video_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <ostream>
#include <set>
#include <utility>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "fer/report/video_files.hpp"
#include "log.hpp"
#include "video_shards.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

/// As a call without shards has it; nothing, and a warning, where the analysis did not come to its end.
std::optional<VideoSummary> finished_summary(const ListedRecording& recording, const fs::path& folder,
                                             Log& log) {
  const fs::path file = folder / recording.folder / "summary.json";
  const std::string name = recording.path.string();
  if (!fs::exists(file)) {
    log.warning("{}: has no results: shard {} failed on it or did not come to it", name,
                recording.shard.text());
    return std::nullopt;
  }
  try {
    VideoSummary summary = read_summary(file);
    summary.video = recording.path.filename().string();  // its very bytes, which JSON need not keep
    if (!summary.run_key.empty()) return summary;
    log.warning("{}: shard {} was stopped before its end", name, recording.shard.text());
  } catch (const Error& error) {
    log.warning("{}: shard {}: {}", name, recording.shard.text(), error.what());
  }
  return std::nullopt;
}

/// What all recordings of one table have in common.
std::string settings_of(const VideoSummary& summary) {
  return fmt::format("model {}, detector {}, smoothing {}, correction {}, classes {}", summary.model,
                     summary.detector, summary.smoothing, summary.correction,
                     join(summary.classes.names(), " "));
}

void require_same_settings(const VideoSummary& summary, const VideoSummary& first) {
  if (settings_of(summary) == settings_of(first)) return;
  throw data_error("{} ({}) and {} ({}) were analysed differently: run all shards with the same settings",
                   first.video, settings_of(first), summary.video, settings_of(summary));
}

void warn_of_damage(const ListedRecording& recording, const VideoSummary& summary, Log& log) {
  if (summary.damaged)
    log.warning("{}: is damaged: {}", recording.path.string(), join(summary.warnings, "; "));
}

void say_what_to_run(std::span<const ListedRecording> missing, Log& log) {
  std::set<int> numbers;
  for (const ListedRecording& one : missing) numbers.insert(one.shard.number);
  std::vector<std::string> options;
  for (const int number : numbers) {
    const Shard shard{.number = number, .count = missing.front().shard.count};
    options.push_back(fmt::format("--shard {}", shard.text()));
  }
  log.warning("{} missing; run again with --resume: {}",
              missing.size() == 1 ? "1 recording is" : fmt::format("{} recordings are", missing.size()),
              join(options, ", "));
}

}  // namespace

void write_tables(std::span<const VideoSummary> summaries, const VideoTables& tables,
                  const Console& console) {
  const auto file = [&](const char* name) {
    return tables.folder / fmt::format("{}{}.csv", name, tables.suffix);
  };
  write_file(file("summary"), summary_csv(summaries));
  if (tables.conditions) write_file(file("conditions"), conditions_csv(summaries));
  console.out << video_table(summaries) << std::flush;
}

int merge_shards(const fs::path& folder, const Console& console, Log& log) {
  const fs::path list = folder / kRecordingList;
  if (!fs::exists(list)) {
    throw data_error("{}: is not there; 'fer-infer --shard' writes it, and --merge needs it", list.string());
  }
  std::vector<VideoSummary> summaries;
  std::vector<ListedRecording> missing;
  for (const ListedRecording& recording : read_recordings_csv(list)) {
    auto summary = finished_summary(recording, folder, log);
    if (!summary) {
      missing.push_back(recording);
      continue;
    }
    warn_of_damage(recording, *summary, log);
    summaries.push_back(*std::move(summary));
    require_same_settings(summaries.back(), summaries.front());
  }
  if (!missing.empty()) say_what_to_run(missing, log);
  if (!summaries.empty()) {
    const bool conditions =
        std::ranges::any_of(summaries, [](const VideoSummary& one) { return !one.conditions.empty(); });
    write_tables(summaries, {.folder = folder, .conditions = conditions}, console);
    log.info("results: {}", folder.string());
  }
  return missing.empty() && std::ranges::none_of(summaries, &VideoSummary::damaged) ? kOk : kSomeInputsFailed;
}

}  // namespace fer
