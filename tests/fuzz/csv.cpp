#include "fer/core/csv.hpp"

#include "target.hpp"

/// Any table; what was read is written and read again as the same.
void fer::fuzz(std::string_view bytes) {
  read_csv_table(as_file(bytes, "table.csv"));
  const std::vector<CsvRow> rows = parse_csv(bytes, "table.csv");
  std::string written;
  for (const CsvRow& row : rows) written += csv_line(row.fields);
  const std::vector<CsvRow> again = parse_csv(written, "written.csv");
  require(again.size() == rows.size(), "other rows after writing");
  for (std::size_t i = 0; i < rows.size(); ++i)
    require(again[i].fields == rows[i].fields, "other fields after writing");
}
