#include "split_file.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "named_samples.hpp"
#include "readers.hpp"

namespace fer {
namespace {

constexpr long long kMostFolds = 1'000'000;

std::optional<std::size_t> column_of(const CsvTable& table, const std::string& name) {
  const auto found = std::ranges::find(table.columns, name);
  if (found == table.columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - table.columns.begin());
}

/// Of a column that is there and says something in some row.
std::optional<std::size_t> spoken_column(const CsvTable& table, const std::string& name) {
  const auto column = column_of(table, name);
  const auto speaks = [&](const CsvRow& row) { return !trim(row.fields[*column]).empty(); };
  return column && std::ranges::any_of(table.rows, speaks) ? column : std::nullopt;
}

Part require_part(const CsvTable& table, const CsvRow& row, std::size_t column) {
  const std::string word = split_name(row.fields[column]);
  for (const Part part : {Part::train, Part::val, Part::test}) {
    if (word == part_name(part)) return part;
  }
  if (to_lower(trim(row.fields[column])) == part_name(Part::unused)) return Part::unused;
  throw data_error("{}:{}: '{}' is no part (train, val, test, unused)", table.source, row.line,
                   row.fields[column]);
}

int require_fold(const CsvTable& table, const CsvRow& row, std::size_t column) {
  const std::string_view text = trim(row.fields[column]);
  const auto fold = text.empty() ? 0 : parse_integer(text);
  if (fold && *fold >= 0 && *fold <= kMostFolds) return static_cast<int>(*fold);
  throw data_error("{}:{}: '{}' is no fold (1, 2, …; nothing or 0: in none)", table.source, row.line, text);
}

void refuse_unknown(const CsvTable& table, std::span<const std::string> paths) {
  if (paths.empty()) return;
  constexpr std::size_t kShown = 3;
  throw data_error("{}: names {} images that are not in the data: {}{}", table.source, paths.size(),
                   join(paths.first(std::min(kShown, paths.size())), ", "),
                   paths.size() > kShown ? ", …" : "");
}

}  // namespace

SplitFile read_split_file(const std::filesystem::path& path, const Dataset& dataset) {
  const CsvTable table = read_csv_table(path);
  const auto split_column = spoken_column(table, "split");
  const auto fold_column = spoken_column(table, "fold");
  if (!split_column && !fold_column) {
    throw data_error("{}: says neither parts nor folds (a column 'split' or 'fold' was expected, found: {})",
                     table.source, join(table.columns, ", "));
  }
  const NamedSamples named = find_named_samples(table, dataset);
  refuse_unknown(table, named.unknown);
  const std::vector<std::size_t>& samples = named.of_row;
  const std::size_t count = dataset.samples.size();
  SplitFile file;
  if (split_column) file.parts.assign(count, Part::unused);
  if (fold_column) file.folds.assign(count, 0);
  file.not_named = count;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const CsvRow& row = table.rows[i];
    const Part part = split_column ? require_part(table, row, *split_column) : Part::unused;
    const int fold = fold_column ? require_fold(table, row, *fold_column) : 0;
    if (samples[i] == SIZE_MAX) continue;
    --file.not_named;
    if (split_column) file.parts[samples[i]] = part;
    if (fold_column) file.folds[samples[i]] = fold;
  }
  return file;
}

}  // namespace fer
