#include "fer/data/suspects.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "path_finder.hpp"

namespace fer {
namespace {

double require_rank(const CsvTable& table, const CsvRow& row, std::size_t column) {
  const auto rank = parse_number(trim(row.fields[column]));
  if (rank && std::isfinite(*rank)) return *rank;
  throw data_error("{}:{}: '{}' is no rank (1, 2, …)", table.source, row.line, row.fields[column]);
}

/// The rows that count, by rank.
std::vector<const CsvRow*> counted_rows(const CsvTable& table, double share) {
  std::vector<std::pair<double, const CsvRow*>> ranked;
  const bool has_ranks = std::ranges::count(table.columns, "rank") > 0;
  const std::size_t column = has_ranks ? table.require("rank") : 0;
  for (const CsvRow& row : table.rows)
    ranked.emplace_back(has_ranks ? require_rank(table, row, column) : 0, &row);
  std::ranges::stable_sort(ranked, {}, &std::pair<double, const CsvRow*>::first);
  ranked.resize(static_cast<std::size_t>(std::llround(share * static_cast<double>(ranked.size()))));
  std::vector<const CsvRow*> rows;
  for (const auto& [rank, row] : ranked) rows.push_back(row);
  return rows;
}

}  // namespace

DroppedSuspects drop_suspects(const Dataset& dataset, const std::filesystem::path& file, double share,
                              std::vector<Part>& parts) {
  const CsvTable table = read_csv_table(file);
  const std::size_t path_column = table.require("path");
  const std::size_t label_column = table.require("label");
  const std::size_t folders = shared_folders(table, path_column);
  PathFinder finder;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) finder.add(dataset.samples[i].path, i);

  DroppedSuspects result{.file = file.string(), .sha256 = sha256(read_file(file))};
  std::set<std::string_view> seen;
  for (const CsvRow* row : counted_rows(table, share)) {
    const std::string_view path = row->fields[path_column];
    if (!seen.insert(path).second) continue;
    ++result.listed;
    std::size_t sample = 0;
    const auto match = finder.find(path, folders, sample);
    if (match != PathFinder::Match::one) {
      ++result.missing;
    } else if (dataset.classes.find(row->fields[label_column]) != dataset.samples[sample].label) {
      ++result.other_label;
    } else if (parts[sample] != Part::train) {
      ++result.other_parts;
    } else {
      parts[sample] = Part::unused;
      ++result.dropped;
    }
  }
  return result;
}

}  // namespace fer
