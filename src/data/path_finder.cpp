#include "path_finder.hpp"

#include <algorithm>

namespace fer {

void PathFinder::add(std::string_view path, std::size_t number) {
  whole_[path] = number;
  for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/', slash + 1)) {
    const auto [place, added] = endings_.try_emplace(path.substr(slash + 1), number);
    if (!added && place->second != number) place->second = kSeveral;
  }
}

PathFinder::Match PathFinder::find(std::string_view path, std::size_t& number) const {
  const auto whole = whole_.find(path);
  const auto found = whole != whole_.end() ? whole : endings_.find(path);
  if (whole == whole_.end() && found == endings_.end()) return Match::none;
  number = found->second;
  return number == kSeveral ? Match::several : Match::one;
}

PathFinder::Match PathFinder::find(std::string_view path, std::size_t folders, std::size_t& number) const {
  const Match match = find(path, number);
  return match == Match::none ? find(path.substr(folders), number) : match;
}

std::size_t shared_folders(const CsvTable& table, std::size_t column) {
  std::string_view shared = table.rows.empty() ? "" : std::string_view(table.rows.front().fields[column]);
  for (const CsvRow& row : table.rows) {
    const std::string_view path = row.fields[column];
    shared = shared.substr(0, std::ranges::mismatch(shared, path).in1 - shared.begin());
  }
  const std::size_t slash = shared.rfind('/');
  return slash == std::string_view::npos ? 0 : slash + 1;
}

}  // namespace fer
