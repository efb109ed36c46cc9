#include "attribute_table.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "named_samples.hpp"
#include "some_of.hpp"

namespace fer {
namespace {

std::optional<std::size_t> column_of(const CsvTable& table, std::string_view name) {
  const auto found = std::ranges::find(table.columns, name);
  if (found == table.columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - table.columns.begin());
}

/// Positions of the columns to take over.
std::vector<std::size_t> columns_to_join(const CsvTable& table, std::size_t key) {
  constexpr std::array<std::string_view, 3> kTaken = {"label", "source", "split"};
  std::vector<std::size_t> columns;
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    const std::string& name = table.columns[column];
    if (column == key) continue;
    if (std::ranges::find(kTaken, name) != kTaken.end() || name.empty())
      throw data_error("{}:1: '{}' cannot be an attribute: rename the column or leave it out", table.source,
                       name);
    columns.push_back(column);
  }
  if (columns.empty()) throw data_error("{}:1: has no column beside '{}'", table.source, table.columns[key]);
  return columns;
}

/// The row of each sample, null where there is none, and the keys that no sample has.
struct Joined {
  std::vector<const CsvRow*> rows;
  std::vector<std::string> unknown = {};
};

Joined by_path(const CsvTable& table, const Dataset& dataset) {
  NamedSamples named = find_named_samples(table, dataset);
  Joined joined{.rows = std::vector<const CsvRow*>(dataset.samples.size())};
  joined.unknown = std::move(named.unknown);
  for (std::size_t row = 0; row < table.rows.size(); ++row)
    if (named.of_row[row] != SIZE_MAX) joined.rows[named.of_row[row]] = &table.rows[row];
  return joined;
}

Joined by_subject(const CsvTable& table, std::size_t column, const Dataset& dataset) {
  std::map<std::string, const CsvRow*> rows;
  for (const CsvRow& row : table.rows) {
    const std::string subject(trim(row.fields[column]));
    const auto [place, added] = rows.try_emplace(person_of(subject), &row);
    if (!added)
      throw data_error("{}:{}: {} is named in line {} already", table.source, row.line, subject,
                       place->second->line);
  }
  Joined joined{.rows = {}};
  std::set<std::string> seen;
  for (const Sample& sample : dataset.samples) {
    const std::string person = person_of(sample.subject);
    const auto found = sample.subject.empty() ? rows.end() : rows.find(person);
    joined.rows.push_back(found == rows.end() ? nullptr : found->second);
    seen.insert(person);
  }
  for (const auto& [person, row] : rows)
    if (!seen.contains(person)) joined.unknown.push_back(person);
  return joined;
}

/// What a sample is told by its row.
class Teller {
 public:
  Teller(const CsvTable& table, std::vector<std::size_t> columns)
      : table_(table), columns_(std::move(columns)) {}

  void tell(const CsvRow& row, Sample& sample) const {
    for (const std::size_t column : columns_) {
      const std::string value(trim(row.fields[column]));
      if (value.empty()) continue;
      const std::string& name = table_.columns[column];
      std::string& known = name == "subject" ? sample.subject : sample.attributes[name];
      const bool same = name == "subject" ? person_of(known) == person_of(value) : known == value;
      if (!known.empty() && !same) {
        throw data_error(
            "{}:{}: the {} of {} is '{}' here and '{}' in the data set itself: rename the column, or "
            "leave it out",
            table_.source, row.line, name, sample.path, value, known);
      }
      if (known.empty()) known = value;
    }
  }

 private:
  const CsvTable& table_;
  std::vector<std::size_t> columns_;
};

std::string without_row_text(const CsvTable& table, const Dataset& dataset, const Joined& joined) {
  std::size_t samples = 0;
  std::string first;
  std::set<std::string> people;
  for (std::size_t i = 0; i < joined.rows.size(); ++i) {
    if (joined.rows[i] != nullptr) continue;
    if (samples++ == 0) first = dataset.samples[i].path;
    if (!dataset.samples[i].subject.empty()) people.insert(person_of(dataset.samples[i].subject));
  }
  if (samples == 0) return "";
  return fmt::format("{}: {} of {} images{} have no row in it, the first: {}", table.source, samples,
                     joined.rows.size(), people.empty() ? "" : fmt::format(", of {} people,", people.size()),
                     first);
}

}  // namespace

void join_attributes(const std::filesystem::path& path, Dataset& dataset) {
  const CsvTable table = read_csv_table(path);
  const auto path_column = column_of(table, "path");
  const auto subject_column = column_of(table, "subject");
  if (!path_column && !subject_column) {
    throw data_error("{}:1: a column 'path' or 'subject' was expected to join by (found: {})", table.source,
                     join(table.columns, ", "));
  }
  const std::size_t key = path_column ? *path_column : *subject_column;
  const Teller teller(table, columns_to_join(table, key));
  const Joined joined = path_column ? by_path(table, dataset) : by_subject(table, key, dataset);
  const bool fits = std::ranges::any_of(joined.rows, [](const CsvRow* row) { return row != nullptr; });
  if (!fits && !dataset.samples.empty()) {
    throw data_error(
        "{}: none of its {} rows names a {} of the data, such as {}", table.source, table.rows.size(),
        path_column ? "file" : "subject",
        path_column ? dataset.samples.front().path : "'" + dataset.samples.front().subject + "'");
  }
  if (!joined.unknown.empty()) {
    dataset.warnings.push_back(fmt::format("{}: {} of {} rows are about no {} of the data: {}", table.source,
                                           joined.unknown.size(), table.rows.size(),
                                           path_column ? "image" : "subject", some_of(joined.unknown, 3)));
  }
  if (std::string text = without_row_text(table, dataset, joined); !text.empty())
    dataset.warnings.push_back(std::move(text));
  for (std::size_t i = 0; i < joined.rows.size(); ++i)
    if (joined.rows[i] != nullptr) teller.tell(*joined.rows[i], dataset.samples[i]);
}

}  // namespace fer
