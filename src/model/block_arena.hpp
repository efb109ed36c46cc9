#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace fer {

/// Places blocks in a range of addresses that begins at 0: best fit, lowest address among equals, neighbours
/// that are free become one. Keeps books only; knows nothing of the memory itself.
class BlockArena {
 public:
  static constexpr std::size_t kGrain = std::size_t{1} << 16;  // sizes and offsets are multiples of it

  explicit BlockArena(std::size_t capacity);

  /// The offset of a block of at least `bytes` > 0, or nothing where none is left.
  std::optional<std::size_t> take(std::size_t bytes);

  /// Gives back what take() gave.
  void give(std::size_t offset);

 private:
  void add_free(std::size_t offset, std::size_t size);
  void remove_free(std::map<std::size_t, std::size_t>::iterator block);

  std::map<std::size_t, std::size_t> free_;                     // offset -> size
  std::set<std::pair<std::size_t, std::size_t>> free_by_size_;  // (size, offset)
  std::unordered_map<std::size_t, std::size_t> taken_;          // offset -> size
};

}  // namespace fer
