#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fer {

/// A row of a CSV file and where it stands.
struct CsvRow {
  std::size_t line = 0;  ///< 1-based line of the file on which the row begins
  std::vector<std::string> fields;
};

/// RFC 4180 with LF or CRLF; a UTF-8 byte-order mark and empty lines are skipped.
/// Throws a data error naming `source` and the line for an unclosed quote.
std::vector<CsvRow> parse_csv(std::string_view text, std::string_view source);

/// A CSV file whose first row names its columns.
struct CsvTable {
  std::string source = {};
  std::vector<std::string> columns = {};  ///< lower case, trimmed
  std::vector<CsvRow> rows = {};          ///< each with one field per column

  /// Position of a column; throws a data error that lists those there are.
  std::size_t require(const std::string& column) const;
};

/// Throws a data error naming the file, and the line of a row with too few or too many fields.
CsvTable read_csv_table(const std::filesystem::path& path);

/// One row with its LF; fields that hold a comma, a quote or a line end are quoted.
std::string csv_line(std::span<const std::string> fields);

/// The shortest text that reads back as the same number; empty for NaN, which no CSV reader agrees on.
std::string csv_number(double value);
/// The same of a float: fewer digits tell it from its neighbours.
std::string csv_number(float value);

}  // namespace fer
