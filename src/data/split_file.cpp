#include "split_file.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "path_finder.hpp"
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

/// The samples the rows name.
class Rows {
 public:
  Rows(const CsvTable& table, const Dataset& dataset) : table_(table), samples_(dataset.samples.size()) {
    for (std::size_t i = 0; i < samples_; ++i) finder_.add(dataset.samples[i].path, i);
    // Images that were set aside may be named: then the row says nothing.
    std::size_t number = samples_;
    for (const RejectedFile& file : dataset.rejected) finder_.add(file.path, number++);
    for (const std::string& path : dataset.left_out) finder_.add(path, number++);
    path_ = table.require("path");
    folders_ = shared_folders(table, path_);
  }

  /// Of each row; SIZE_MAX for an image that was set aside.
  std::vector<std::size_t> find() {
    std::vector<std::size_t> found;
    for (const CsvRow& row : table_.rows) found.push_back(sample_of(row));
    if (missing_.empty()) return found;
    constexpr std::size_t kShown = 3;
    const std::span<const std::string> names = missing_;
    throw data_error("{}: names {} images that are not in the data: {}{}", table_.source, names.size(),
                     join(names.first(std::min(kShown, names.size())), ", "),
                     names.size() > kShown ? ", …" : "");
  }

 private:
  std::size_t sample_of(const CsvRow& row) {
    const std::string_view path = row.fields[path_];
    std::size_t number = 0;
    auto match = finder_.find(path, number);
    if (match == PathFinder::Match::none) match = finder_.find(path.substr(folders_), number);
    if (match == PathFinder::Match::several) {
      throw data_error("{}:{}: {} could be several images of the data; name more of the folders it lies in",
                       table_.source, row.line, path);
    }
    if (match == PathFinder::Match::none) missing_.emplace_back(path);
    if (match == PathFinder::Match::none || number >= samples_) return SIZE_MAX;
    const auto [earlier, added] = lines_.try_emplace(number, row.line);
    if (!added) {
      throw data_error("{}:{}: {} is named in line {} already", table_.source, row.line, path,
                       earlier->second);
    }
    return number;
  }

  const CsvTable& table_;
  std::size_t samples_;
  PathFinder finder_;
  std::size_t path_ = 0;
  std::size_t folders_ = 0;
  std::unordered_map<std::size_t, std::size_t> lines_;
  std::vector<std::string> missing_;
};

}  // namespace

SplitFile read_split_file(const std::filesystem::path& path, const Dataset& dataset) {
  const CsvTable table = read_csv_table(path);
  const auto split_column = spoken_column(table, "split");
  const auto fold_column = spoken_column(table, "fold");
  if (!split_column && !fold_column) {
    throw data_error("{}: says neither parts nor folds (a column 'split' or 'fold' was expected, found: {})",
                     table.source, join(table.columns, ", "));
  }
  const std::vector<std::size_t> samples = Rows(table, dataset).find();
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
