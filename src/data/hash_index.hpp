#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fer {

/// Finds the hashes that lie near another one without comparing it with all (multi-index hashing, Norouzi et
/// al. 2012): where two differ in few bits, one of their quarters differs in a quarter of these at most.
class HashIndex {
 public:
  explicit HashIndex(std::span<const std::uint64_t> hashes);

  /// The positions of all hashes within kLookAlikeBits of this one, ascending.
  std::vector<std::size_t> near(std::uint64_t hash) const;

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::size_t position = 0;
  };
  /// All hashes, sorted by one of their quarters.
  struct Table {
    std::vector<std::size_t> begins;  // of the entries with each value of the quarter, and their end
    std::vector<Entry> entries;
  };
  static constexpr std::size_t kQuarters = 4;
  std::array<Table, kQuarters> tables_;
};

}  // namespace fer
