#include "video_shards.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <queue>
#include <tuple>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

std::optional<Shard> shard_from(const std::string& number_text, const std::string& count_text) {
  const auto number = parse_integer(number_text);
  const auto count = parse_integer(count_text);
  if (!number || !count || *number < 1 || *number > *count) return std::nullopt;
  if (*count > std::numeric_limits<int>::max()) return std::nullopt;
  return Shard{.number = static_cast<int>(*number), .count = static_cast<int>(*count)};
}

}  // namespace

std::string Shard::text() const { return fmt::format("{}/{}", number, count); }

Shard parse_shard(const std::string& text) {
  const std::vector<std::string> parts = split(text, '/');
  const auto shard = parts.size() == 2 ? shard_from(parts[0], parts[1]) : std::nullopt;
  if (!shard)
    throw usage_error("--shard: expected i/n with i from 1 to n, such as 2/3, got {}", in_quotes(text));
  return *shard;
}

std::vector<int> share_out(std::span<const std::uintmax_t> bytes, int shards) {
  std::vector<std::size_t> order(bytes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return bytes[i]; });

  using Load = std::tuple<std::uintmax_t, std::size_t, int>;  // bytes, recordings, number of the shard
  std::priority_queue<Load, std::vector<Load>, std::greater<>> loads;  // the least first
  const std::size_t used = std::min(static_cast<std::size_t>(shards), bytes.size());
  for (std::size_t i = 1; i <= used; ++i) loads.emplace(0, 0, static_cast<int>(i));

  std::vector<int> shard_of(bytes.size());
  for (const std::size_t i : order) {
    const auto [load, recordings, number] = loads.top();
    loads.pop();
    loads.emplace(load + bytes[i], recordings + 1, number);
    shard_of[i] = number;
  }
  return shard_of;
}

std::string recordings_csv(std::span<const ListedRecording> list) {
  std::string text = csv_line(std::vector<std::string>{"recording", "folder", "shard", "shards"});
  for (const ListedRecording& one : list) {
    text += csv_line(std::vector<std::string>{one.path.string(), one.folder, std::to_string(one.shard.number),
                                              std::to_string(one.shard.count)});
  }
  return text;
}

std::vector<ListedRecording> read_recordings_csv(const std::filesystem::path& path) {
  const CsvTable table = read_csv_table(path);
  const std::size_t recording = table.require("recording");
  const std::size_t folder = table.require("folder");
  const std::size_t number = table.require("shard");
  const std::size_t count = table.require("shards");
  std::vector<ListedRecording> list;
  for (const CsvRow& row : table.rows) {
    const auto shard = shard_from(row.fields[number], row.fields[count]);
    if (!shard) {
      throw data_error("{}:{}: {} of {} is no shard", table.source, row.line, in_quotes(row.fields[number]),
                       in_quotes(row.fields[count]));
    }
    list.push_back({.path = row.fields[recording], .folder = row.fields[folder], .shard = *shard});
  }
  return list;
}

}  // namespace fer
