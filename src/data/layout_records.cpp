#include "layout_records.hpp"

#include <algorithm>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "readers.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

constexpr double kMostVotes = 1e9;

/// Reads one layout's records.
class RecordReader {
 public:
  RecordReader(const fs::path& root, const Layout& layout, std::vector<RejectedFile>& rejected)
      : root_(root), layout_(layout), rejected_(rejected) {}

  std::vector<LayoutRecord> read() {
    if (layout_.read == "files") {
      read_files();
    } else {
      for (const std::string& list : layout_.lists)
        layout_.read == "lines" ? read_lines(root_ / list) : read_table(root_ / list);
    }
    return std::move(records_);
  }

 private:
  void reject(const std::string& path, std::string reason) { rejected_.push_back({path, std::move(reason)}); }

  std::string misfit() const {
    return fmt::format("does not fit the layout's pattern '{}'", layout_.pattern);
  }

  void read_files() {
    const NamePattern pattern(layout_.pattern, layout_.ignore_case);
    for (const fs::path& file : image_files(root_)) {
      auto found = pattern.match_path(file.lexically_relative(root_).generic_string());
      if (!found) {
        reject(file.string(), misfit());
        continue;
      }
      LayoutRecord record{.path = file.string(), .place = file.string(), .found = std::move(*found)};
      if (!layout_.image.empty()) record.path = image_of(record.found);
      records_.push_back(std::move(record));
    }
  }

  void read_lines(const fs::path& list) {
    const NamePattern pattern(layout_.pattern, layout_.ignore_case);
    const std::string text = read_file(list);
    std::size_t number = 0;
    for (const std::string& line : split(text, '\n')) {
      ++number;
      if (trim(line).empty()) continue;
      auto found = pattern.match(trim(line));
      const std::string place = fmt::format("{}:{}", list.string(), number);
      if (found) {
        add_listed(list, place, std::move(*found));
      } else {
        reject(place, misfit());
      }
    }
  }

  void read_table(const fs::path& list) {
    const CsvTable table = read_csv_table(list);
    std::map<std::string, std::size_t> columns;
    for (const auto& [field, column] : layout_.columns) columns[field] = table.require(to_lower(column));
    const std::vector<std::size_t> votes = columns_of(table, layout_.votes.columns);
    const std::vector<std::size_t> others = columns_of(table, layout_.votes.others);
    std::vector<std::string> pixels;
    if (!layout_.pixels.empty()) pixels = pixel_texts(table);
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      const CsvRow& row = table.rows[i];
      const std::string place = fmt::format("{}:{}", table.source, row.line);
      NamedTexts found;
      for (const auto& [field, column] : columns) found[field] = trim(row.fields[column]);
      LayoutRecord* record = add_listed(list, place, std::move(found));
      if (record == nullptr) continue;
      record->votes = numbers_of(row, votes, place);
      record->other_votes = numbers_of(row, others, place);
      if (!pixels.empty()) record->pixels = parse_fer2013_pixels(pixels[i]);
    }
  }

  static std::vector<std::size_t> columns_of(const CsvTable& table, std::span<const std::string> names) {
    std::vector<std::size_t> columns;
    for (const std::string& name : names) columns.push_back(table.require(to_lower(name)));
    return columns;
  }

  static std::vector<double> numbers_of(const CsvRow& row, std::span<const std::size_t> columns,
                                        const std::string& place) {
    std::vector<double> numbers;
    for (const std::size_t column : columns) {
      const auto number = parse_number(trim(row.fields[column]));
      if (!number || !(*number >= 0 && *number <= kMostVotes))
        throw data_error("{}: '{}' is no number of votes", place, row.fields[column]);
      numbers.push_back(*number);
    }
    return numbers;
  }

  /// Of the images that stand row by row beside the list.
  std::vector<std::string> pixel_texts(const CsvTable& list) const {
    CsvTable images = read_csv_table(root_ / layout_.pixels);
    if (images.rows.size() != list.rows.size()) {
      throw data_error("{}: has {} rows, and {} has {}: they belong together row by row", images.source,
                       images.rows.size(), list.source, list.rows.size());
    }
    const std::size_t column = images.require("pixels");
    std::vector<std::string> texts;
    for (CsvRow& row : images.rows) texts.push_back(std::move(row.fields[column]));
    return texts;
  }

  /// Null where there is no such image.
  LayoutRecord* add_listed(const fs::path& list, const std::string& place, NamedTexts found) {
    found.emplace("_list", list.stem().string());
    LayoutRecord record{.path = place, .place = place, .found = std::move(found)};
    if (layout_.pixels.empty() && !find_image(record)) return nullptr;
    return &records_.emplace_back(std::move(record));
  }

  /// False where it is rejected.
  bool find_image(LayoutRecord& record) {
    const auto path = fill_names(layout_.image, record.found);
    if (path && leads_out(*path)) {
      reject(record.place, fmt::format("names a file outside the root: {}", in_quotes(*path)));
      return false;
    }
    record.path = path ? (root_ / *path).string() : "";
    std::error_code ignored;
    if (record.path.empty() || fs::is_regular_file(record.path, ignored)) return true;
    reject(record.path, fmt::format("{} names a file that is not there", record.place));
    return false;
  }

  /// Empty where a field of its path is missing.
  std::string image_of(const NamedTexts& found) const {
    const auto path = fill_names(layout_.image, found);
    return path ? (root_ / *path).string() : "";
  }

  const fs::path& root_;
  const Layout& layout_;
  std::vector<RejectedFile>& rejected_;
  std::vector<LayoutRecord> records_;
};

/// The positions of each sequence's records, in order.
std::vector<std::vector<std::size_t>> sequences_of(std::span<const LayoutRecord> records,
                                                   const SequenceRule& rule) {
  std::map<std::vector<std::string>, std::size_t> numbers;
  std::vector<std::vector<std::size_t>> sequences;
  for (std::size_t i = 0; i < records.size(); ++i) {
    std::vector<std::string> name;
    for (const std::string& field : rule.by) {
      const auto found = records[i].found.find(field);
      name.push_back(found == records[i].found.end() ? "" : found->second);
    }
    const auto [place, added] = numbers.emplace(std::move(name), sequences.size());
    if (added) sequences.emplace_back();
    sequences[place->second].push_back(i);
  }
  return sequences;
}

std::vector<LayoutRecord> chosen_of(std::vector<LayoutRecord> records, const SequenceRule& rule) {
  if (rule.by.empty()) return records;
  std::vector<bool> chosen(records.size());
  for (const std::vector<std::size_t>& sequence : sequences_of(records, rule)) {
    const std::size_t rest = sequence.size() - std::min(rule.first, sequence.size());
    const std::size_t last = rule.last == 0 ? rest : std::min(rule.last, sequence.size());
    const std::size_t first = std::min(rule.first, sequence.size() - last);
    for (std::size_t i = 0; i < sequence.size(); ++i) {
      chosen[sequence[i]] = i < first || i + last >= sequence.size();
      records[sequence[i]].begins_sequence = i < first;
    }
  }
  std::vector<LayoutRecord> kept;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (chosen[i]) kept.push_back(std::move(records[i]));
  }
  return kept;
}

}  // namespace

bool leads_out(const fs::path& path) {
  const fs::path normal = path.lexically_normal();
  return normal.is_absolute() || (!normal.empty() && *normal.begin() == "..") ||
         path.native().find('\0') != std::string::npos;
}

std::vector<LayoutRecord> layout_records(const fs::path& root, const Layout& layout,
                                         std::vector<RejectedFile>& rejected) {
  return chosen_of(RecordReader(root, layout, rejected).read(), layout.sequence);
}

}  // namespace fer
