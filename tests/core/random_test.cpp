#include "fer/core/random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <vector>

namespace fer {
namespace {

using testing::ElementsAre;

std::vector<std::uint64_t> numbers(Rng rng, int count) {
  std::vector<std::uint64_t> values;
  for (int i = 0; i < count; ++i) values.push_back(rng.next());
  return values;
}

// The pinned numbers below are what published splits, crops and batches rest on: a change makes old runs
// irreproducible.

TEST(RngTest, IsSplitMix64) {
  EXPECT_THAT(numbers(Rng(1234567), 5),
              ElementsAre(6457827717110365317ULL, 3203168211198807973ULL, 9817491932198370423ULL,
                          4593380528125082431ULL, 16408922859458223821ULL));
}

TEST(RngTest, PinnedStreams) {
  EXPECT_THAT(numbers(Rng::of(42, 0, 0), 2), ElementsAre(13934464819154148243ULL, 8231125240936771707ULL));
  EXPECT_THAT(numbers(Rng::of(42, 3, 17), 2), ElementsAre(3500222349360619117ULL, 9301510368353943040ULL));
}

TEST(RngTest, PinnedDerivedNumbers) {
  Rng rng(42);
  EXPECT_EQ(rng.uniform(), 0.7415648787718233);
  EXPECT_EQ(rng.uniform(-1, 3), -0.3603584284923196);
  EXPECT_EQ(rng.below(1000), 278U);
  EXPECT_NEAR(rng.normal(), 0.892470392690831, 1e-12);
  std::vector<int> items = {0, 1, 2, 3, 4, 5, 6, 7};
  rng.shuffle(std::span(items));
  EXPECT_THAT(items, ElementsAre(5, 3, 0, 2, 7, 4, 1, 6));
}

TEST(RngTest, OfGivesTheSameStreamForTheSameTriple) {
  EXPECT_EQ(numbers(Rng::of(1, 2, 3), 4), numbers(Rng::of(1, 2, 3), 4));
}

TEST(RngTest, OfDiffersInEachArgumentAndInTheirOrder) {
  std::set<std::uint64_t> first;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
      for (std::uint64_t index = 0; index < 20; ++index) first.insert(Rng::of(seed, epoch, index).next());
    }
  }
  EXPECT_EQ(first.size(), 20U * 20U * 20U);
}

TEST(RngTest, NeighbouringStreamsAreUncorrelated) {
  constexpr int kCount = 20000;
  for (const std::array<std::uint64_t, 3> step :
       {std::array<std::uint64_t, 3>{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}) {
    double sum = 0;
    for (std::uint64_t i = 0; i < kCount; ++i) {
      const double a = Rng::of(i, i, i).uniform() - 0.5;
      const double b = Rng::of(i + step[0], i + step[1], i + step[2]).uniform() - 0.5;
      sum += 12 * a * b;
    }
    EXPECT_LT(std::abs(sum / kCount), 5 / std::sqrt(kCount));  // five standard deviations
  }
}

TEST(RngTest, UniformStaysInItsRangeAndFillsIt) {
  Rng rng(3);
  double lowest = 1;
  double highest = 0;
  double sum = 0;
  constexpr int kCount = 100000;
  for (int i = 0; i < kCount; ++i) {
    const double value = rng.uniform();
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
    sum += value;
  }
  EXPECT_GE(lowest, 0.0);
  EXPECT_LT(lowest, 0.001);
  EXPECT_LT(highest, 1.0);
  EXPECT_GT(highest, 0.999);
  EXPECT_NEAR(sum / kCount, 0.5, 0.005);
}

TEST(RngTest, UniformBetweenBounds) {
  Rng rng(4);
  for (int i = 0; i < 10000; ++i) {
    const double value = rng.uniform(-2, -1);
    ASSERT_GE(value, -2);
    ASSERT_LT(value, -1);
  }
  EXPECT_EQ(rng.uniform(0.5, 0.5), 0.5);
}

TEST(RngTest, BelowReachesEveryNumberEvenlyAndNoOther) {
  Rng rng(5);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70000; ++i) ++counts.at(rng.below(7));
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);
  EXPECT_EQ(rng.below(1), 0U);
}

TEST(RngTest, ChanceHappensAsOftenAsAsked) {
  Rng rng(6);
  int happened = 0;
  for (int i = 0; i < 100000; ++i) {
    happened += rng.chance(0.2) ? 1 : 0;
    ASSERT_FALSE(rng.chance(0));
    ASSERT_TRUE(rng.chance(1));
  }
  EXPECT_NEAR(happened, 20000, 700);
}

TEST(RngTest, NormalHasMeanZeroAndDeviationOne) {
  Rng rng(8);
  constexpr int kCount = 100000;
  double sum = 0;
  double squares = 0;
  int within_one = 0;
  for (int i = 0; i < kCount; ++i) {
    const double value = rng.normal();
    ASSERT_TRUE(std::isfinite(value));
    sum += value;
    squares += value * value;
    within_one += std::abs(value) < 1 ? 1 : 0;
  }
  EXPECT_NEAR(sum / kCount, 0, 0.02);
  EXPECT_NEAR(std::sqrt(squares / kCount), 1, 0.02);
  EXPECT_NEAR(within_one / static_cast<double>(kCount), 0.6827, 0.01);
}

TEST(RngTest, ShuffleIsAPermutation) {
  std::vector<int> items(1000);
  std::iota(items.begin(), items.end(), 0);
  const std::vector<int> sorted = items;
  Rng rng(9);
  rng.shuffle(std::span(items));
  EXPECT_NE(items, sorted);
  std::ranges::sort(items);
  EXPECT_EQ(items, sorted);
}

TEST(RngTest, ShuffleGivesEveryOrderEvenly) {
  Rng rng(10);
  std::map<std::array<int, 3>, int> counts;
  for (int i = 0; i < 60000; ++i) {
    std::array<int, 3> items = {0, 1, 2};
    rng.shuffle(std::span<int>(items));
    ++counts[items];
  }
  EXPECT_EQ(counts.size(), 6U);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 10000, 500);
}

TEST(RngTest, ShuffleOfNothingOrOneItemDrawsNothing) {
  Rng rng(12);
  Rng untouched(12);
  std::vector<int> items;
  rng.shuffle(std::span(items));
  items = {5};
  rng.shuffle(std::span(items));
  EXPECT_THAT(items, ElementsAre(5));
  EXPECT_EQ(rng.next(), untouched.next());
}

}  // namespace
}  // namespace fer
