#include "fer/report/split_files.hpp"

#include <algorithm>

#include "text_table.hpp"

namespace fer {

std::string split_table(const std::string& what, std::span<const PartCounts> rows, const ClassList& classes) {
  std::vector<std::vector<std::string>> table = {{what, "images", "subjects"}};
  std::ranges::copy(classes.names(), std::back_inserter(table.front()));
  for (const PartCounts& row : rows) {
    table.push_back(
        {row.name, std::to_string(row.samples), row.subjects == 0 ? "-" : std::to_string(row.subjects)});
    for (const std::size_t count : row.per_class) table.back().push_back(std::to_string(count));
  }
  return text_table(table);
}

}  // namespace fer
