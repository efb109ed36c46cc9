#include "fer/core/csv.hpp"

#include <algorithm>
#include <cmath>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

class CsvParser {
 public:
  CsvParser(std::string_view text, std::string_view source) : text_(text), source_(source) {
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  }

  std::vector<CsvRow> rows() {
    refuse_zero_bytes();
    std::vector<CsvRow> rows;
    while (at_ < text_.size()) {
      if (text_[at_] == '\r' || text_[at_] == '\n') {
        end_line();
      } else {
        rows.push_back({.line = line_, .fields = fields()});
      }
    }
    return rows;
  }

 private:
  /// The system would end a path there.
  void refuse_zero_bytes() const {
    const std::size_t zero = text_.find('\0');
    if (zero == std::string_view::npos) return;
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(zero), '\n');
    throw data_error("{}:{}: holds a zero byte: it is no text, or is in UTF-16 where UTF-8 is expected",
                     source_, line);
  }

  std::vector<std::string> fields() {
    std::vector<std::string> fields;
    for (;;) {
      fields.push_back(at_ < text_.size() && text_[at_] == '"' ? quoted() : plain());
      if (at_ < text_.size() && text_[at_] == ',') {
        ++at_;
        continue;
      }
      end_line();
      return fields;
    }
  }

  std::string plain() {
    const auto end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    std::string field(text_.substr(at_, end - at_));
    at_ = end;
    return field;
  }

  std::string quoted() {
    const std::size_t opened = line_;
    std::string field;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] != '"') {
        field += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
        field += text_[++at_];
      } else {
        ++at_;
        return field + plain();  // whatever trails the closing quote, as spreadsheets read it
      }
    }
    throw data_error("{}:{}: a quoted field is never closed", source_, opened);
  }

  void end_line() {
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
    ++line_;
  }

  std::string_view text_;
  std::string_view source_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

template <class Float>
std::string shortest(Float value) {
  return std::isnan(value) ? std::string{} : fmt::format("{}", value);
}

}  // namespace

std::vector<CsvRow> parse_csv(std::string_view text, std::string_view source) {
  return CsvParser(text, source).rows();
}

std::size_t CsvTable::require(const std::string& column) const {
  const auto found = std::ranges::find(columns, column);
  if (found == columns.end())
    throw data_error("{}:1: there is no column '{}' (found: {})", source, column, join(columns, ", "));
  return static_cast<std::size_t>(found - columns.begin());
}

CsvTable read_csv_table(const std::filesystem::path& path) {
  CsvTable table{.source = path.string(), .rows = parse_csv(read_file(path), path.string())};
  if (table.rows.empty())
    throw data_error("{}: is empty, expected a first line that names the columns", table.source);
  for (const std::string& column : table.rows[0].fields) table.columns.push_back(to_lower(trim(column)));
  table.rows.erase(table.rows.begin());
  for (const CsvRow& row : table.rows) {
    if (row.fields.size() != table.columns.size()) {
      throw data_error("{}:{}: expected {} fields, found {}", table.source, row.line, table.columns.size(),
                       row.fields.size());
    }
  }
  return table;
}

namespace {

/// A byte order mark would be taken for the file's own where the field comes first.
bool needs_quotes(std::string_view field) {
  return field.starts_with("\xEF\xBB\xBF") || field.find_first_of(",\"\r\n") != std::string_view::npos;
}

}  // namespace

std::string csv_line(std::span<const std::string> fields) {
  if (fields.size() == 1 && fields[0].empty()) return "\"\"\n";  // not an empty line, which nobody reads back
  std::string line;
  for (const std::string& field : fields) {
    if (&field != fields.data()) line += ',';
    if (!needs_quotes(field)) {
      line += field;
      continue;
    }
    line += '"';
    for (const char c : field) line.append(c == '"' ? 2 : 1, c);
    line += '"';
  }
  return line + '\n';
}

std::string csv_number(double value) { return shortest(value); }
std::string csv_number(float value) { return shortest(value); }

}  // namespace fer
