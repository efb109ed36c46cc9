#include "block_arena.hpp"

#include <iterator>

namespace fer {

BlockArena::BlockArena(std::size_t capacity) { add_free(0, capacity / kGrain * kGrain); }

std::optional<std::size_t> BlockArena::take(std::size_t bytes) {
  const std::size_t size = (bytes + kGrain - 1) / kGrain * kGrain;
  const auto fit = free_by_size_.lower_bound({size, 0});
  if (fit == free_by_size_.end()) return std::nullopt;
  const auto [free_size, offset] = *fit;
  remove_free(free_.find(offset));
  if (free_size > size) add_free(offset + size, free_size - size);
  taken_.emplace(offset, size);
  return offset;
}

void BlockArena::give(std::size_t offset) {
  const auto taken = taken_.find(offset);
  std::size_t size = taken->second;
  taken_.erase(taken);
  const auto next = free_.find(offset + size);
  if (next != free_.end()) {
    size += next->second;
    remove_free(next);
  }
  const auto after = free_.lower_bound(offset);
  if (after != free_.begin()) {
    const auto previous = std::prev(after);
    if (previous->first + previous->second == offset) {
      offset = previous->first;
      size += previous->second;
      remove_free(previous);
    }
  }
  add_free(offset, size);
}

void BlockArena::add_free(std::size_t offset, std::size_t size) {
  if (size == 0) return;
  free_.emplace(offset, size);
  free_by_size_.emplace(size, offset);
}

void BlockArena::remove_free(std::map<std::size_t, std::size_t>::iterator block) {
  free_by_size_.erase({block->second, block->first});
  free_.erase(block);
}

}  // namespace fer
