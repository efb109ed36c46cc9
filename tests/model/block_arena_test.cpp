#include "block_arena.hpp"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "fer/core/random.hpp"

namespace fer {
namespace {

constexpr std::size_t kGrain = BlockArena::kGrain;

TEST(BlockArenaTest, TakesTheTightestPlace) {
  BlockArena arena(100 * kGrain);
  const std::size_t a = arena.take(10 * kGrain).value();
  const std::size_t wall = arena.take(1).value();
  const std::size_t b = arena.take(5 * kGrain).value();
  ASSERT_TRUE(arena.take(1));
  arena.give(a);
  arena.give(b);
  EXPECT_EQ(arena.take(4 * kGrain + 1), b);
  EXPECT_EQ(arena.take(6 * kGrain), a);
  EXPECT_EQ(wall % kGrain, 0U);
}

TEST(BlockArenaTest, FreeNeighboursBecomeOne) {
  BlockArena arena(4 * kGrain);
  std::vector<std::size_t> blocks;
  for (int i = 0; i < 4; ++i) blocks.push_back(arena.take(kGrain).value());
  EXPECT_FALSE(arena.take(1));
  for (const std::size_t i : {0U, 2U, 1U, 3U}) arena.give(blocks[i]);
  EXPECT_EQ(arena.take(4 * kGrain), 0U);
}

TEST(BlockArenaTest, HasNothingForWhatDoesNotFit) {
  BlockArena arena(2 * kGrain + 1);
  EXPECT_FALSE(arena.take(2 * kGrain + 1));
  EXPECT_TRUE(arena.take(2 * kGrain));
  EXPECT_FALSE(BlockArena(0).take(1));
}

/// Whatever is taken and given back, no two blocks overlap and in the end all is one.
TEST(BlockArenaTest, BlocksNeverOverlap) {
  constexpr std::size_t kCapacity = 200 * kGrain;
  BlockArena arena(kCapacity);
  Rng rng(5);
  std::map<std::size_t, std::size_t> taken;
  for (int i = 0; i < 20000; ++i) {
    if (!taken.empty() && rng.chance(0.5)) {
      const auto block = std::next(taken.begin(), static_cast<std::ptrdiff_t>(rng.below(taken.size())));
      arena.give(block->first);
      taken.erase(block);
      continue;
    }
    const std::size_t size = 1 + rng.below(20 * kGrain);
    const auto offset = arena.take(size);
    if (!offset) continue;
    const auto next = taken.lower_bound(*offset);
    ASSERT_TRUE(next == taken.end() || *offset + size <= next->first);
    if (next != taken.begin()) {
      const auto previous = std::prev(next);
      ASSERT_LE(previous->first + previous->second, *offset);
    }
    ASSERT_LE(*offset + size, kCapacity);
    taken.emplace(*offset, size);
  }
  for (const auto& [offset, size] : taken) arena.give(offset);
  EXPECT_EQ(arena.take(kCapacity), 0U);
}

}  // namespace
}  // namespace fer
