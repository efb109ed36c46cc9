#include "hash_index.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fer/core/random.hpp"
#include "fer/data/look_alike.hpp"

namespace fer {
namespace {

/// With up to `bits` bits turned.
std::uint64_t turned(std::uint64_t hash, int bits, Rng& rng) {
  for (int i = 0; i < bits; ++i) hash ^= std::uint64_t{1} << rng.below(64);
  return hash;
}

TEST(HashIndexTest, FindsWhatComparingWithAllFinds) {
  Rng rng(3);
  std::vector<std::uint64_t> hashes;
  for (int i = 0; i < 50; ++i) {
    const std::uint64_t hash = rng.next();
    for (int bits = 0; bits < 20; ++bits) hashes.push_back(turned(hash, bits, rng));
  }
  const HashIndex index(hashes);
  std::size_t pairs = 0;
  for (const std::uint64_t hash : hashes) {
    std::vector<std::size_t> expected;
    for (std::size_t i = 0; i < hashes.size(); ++i) {
      if (hash_distance(hash, hashes[i]) <= kLookAlikeBits) expected.push_back(i);
    }
    EXPECT_EQ(index.near(hash), expected);
    pairs += expected.size();
  }
  EXPECT_GT(pairs, 5000U);
  EXPECT_LT(pairs, 20000U);
}

TEST(HashIndexTest, OfNothingFindsNothing) { EXPECT_THAT(HashIndex({}).near(7), testing::IsEmpty()); }

}  // namespace
}  // namespace fer
