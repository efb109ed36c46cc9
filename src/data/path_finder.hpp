#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "fer/core/csv.hpp"

namespace fer {

/// Finds paths by themselves or by an ending that begins after a '/'. The texts have to outlive it.
class PathFinder {
 public:
  enum class Match { none, one, several };

  void add(std::string_view path, std::size_t number);

  /// Failing the whole path, without its first `folders` characters, which are shared_folders() of its list.
  /// `number` is what was added with the path; it says nothing unless there is one match.
  Match find(std::string_view path, std::size_t folders, std::size_t& number) const;

 private:
  Match find(std::string_view path, std::size_t& number) const;

  static constexpr std::size_t kSeveral = SIZE_MAX;
  std::unordered_map<std::string_view, std::size_t> whole_;
  std::unordered_map<std::string_view, std::size_t> endings_;
};

/// The length of the folders that all paths of a column share, with the last '/'.
std::size_t shared_folders(const CsvTable& table, std::size_t column);

}  // namespace fer
