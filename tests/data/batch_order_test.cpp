#include "fer/data/batch_order.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>

#include "fer/core/error.hpp"

namespace fer {
namespace {

std::vector<std::size_t> first_numbers(std::size_t count) {
  std::vector<std::size_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  return numbers;
}

TEST(BatchOrderTest, AWeightIsAChance) {
  std::vector<double> weights(1000, 1.0);
  std::fill_n(weights.begin(), 100, 9.0);  // half of all draws
  weights[999] = 0;
  const BatchOrder order(1000, {.seed = 3, .weights = weights});
  std::size_t first = 0;
  std::vector<int> counts(1000);
  for (std::size_t epoch = 0; epoch < 20; ++epoch) {
    const auto drawn = order.of_epoch(epoch);
    ASSERT_EQ(drawn.size(), 1000U);
    EXPECT_EQ(drawn, order.of_epoch(epoch));
    EXPECT_NE(drawn, order.of_epoch(epoch + 1));
    for (const std::size_t sample : drawn) ++counts.at(sample);
    first += static_cast<std::size_t>(std::ranges::count_if(drawn, [](std::size_t i) { return i < 100; }));
  }
  EXPECT_NEAR(static_cast<double>(first) / 20000, 0.5, 0.02);
  EXPECT_EQ(counts[999], 0);
  EXPECT_EQ(std::ranges::count(counts.begin() + 100, counts.end() - 1, 0), 0);
}

TEST(BatchOrderTest, BatchesCoverTheEpochWithoutGap) {
  for (const int batch_size : {1, 2, 7, 22, 23, 100}) {
    const BatchOrder order(23, {.batch_size = batch_size});
    std::size_t end = 0;
    for (std::size_t number = 0; number < order.batches(); ++number) {
      EXPECT_EQ(order.begin_of(number), end);
      end = order.end_of(number);
    }
    EXPECT_EQ(end, 23U) << batch_size;
  }
}

TEST(BatchOrderTest, ProcessesDivideABatchWithoutOverlapOrLoss) {
  for (const int ranks : {1, 2, 3, 4, 7}) {
    for (const std::size_t samples : {2U, 3U, 5U, 23U, 64U, 65U}) {
      std::vector<BatchOrder> orders;
      for (int rank = 0; rank < ranks; ++rank)
        orders.emplace_back(samples, BatchOrderOptions{.batch_size = 16, .share = {rank, ranks}});
      for (std::size_t number = 0; number < orders[0].batches(); ++number) {
        std::size_t end = orders[0].begin_of(number);
        for (const BatchOrder& order : orders) {
          const BatchSlice slice = order.own_slice(number);
          EXPECT_GE(slice.end - slice.begin, 2U);
          EXPECT_LE(slice.end, order.end_of(number));
          if (!slice.counts) continue;
          EXPECT_EQ(slice.begin, end);
          end = slice.end;
        }
        EXPECT_EQ(end, orders[0].end_of(number)) << ranks << " ranks, " << samples << " samples";
      }
    }
  }
}

TEST(BatchOrderTest, ProcessesTakeAsManyAsTheOthers) {
  for (int rank = 0; rank < 3; ++rank) {
    const BatchSlice slice = BatchOrder(32, {.batch_size = 32, .share = {rank, 3}}).own_slice(0);
    EXPECT_NEAR(static_cast<double>(slice.end - slice.begin), 32.0 / 3, 1);
    EXPECT_TRUE(slice.counts);
  }
}

TEST(BatchOrderTest, KnowsNoRankBeyondTheLast) { EXPECT_THROW(BatchOrder(8, {.share = {2, 2}}), Error); }

TEST(BatchOrderTest, WithoutShardsAnEpochIsOneShuffleOfAll) {
  std::vector<std::size_t> expected = first_numbers(100);
  Rng::of(8, 5, ~std::uint64_t{0}).shuffle(std::span(expected));
  const BatchOrder order(100, {.shuffle = true, .seed = 8});
  EXPECT_EQ(order.of_epoch(5), expected);
  EXPECT_THAT(order.windows_of(5), testing::IsEmpty());
  EXPECT_THAT(BatchOrder(100, {.shards = {.samples = 10, .mixed = 3}}).of_epoch(5),
              testing::ElementsAreArray(first_numbers(100)));
}

TEST(BatchOrderTest, ShardsAreShuffledAndWithinAWindowTheirSamples) {
  const BatchOrderOptions options = {
      .batch_size = 7, .shuffle = true, .seed = 8, .shards = {.samples = 10, .mixed = 4}};
  const BatchOrder order(1003, options);  // 101 shards, the last one of three samples: 26 windows
  std::set<std::vector<std::size_t>> orders;
  for (std::size_t epoch = 0; epoch < 5; ++epoch) {
    const auto samples = order.of_epoch(epoch);
    EXPECT_THAT(std::set(samples.begin(), samples.end()), testing::SizeIs(1003));
    ASSERT_THAT(samples, testing::SizeIs(1003));
    const auto windows = order.windows_of(epoch);
    EXPECT_THAT(windows, testing::SizeIs(26));
    auto at = samples.begin();
    for (const auto& window : windows) {
      const std::vector<std::size_t> part(at, at + std::ssize(window));
      at += std::ssize(window);
      EXPECT_NE(part, window);
      EXPECT_TRUE(std::ranges::is_permutation(part, window));
      std::set<std::size_t> shards;
      for (const std::size_t sample : part) shards.insert(sample / 10);
      EXPECT_THAT(shards.size(), testing::AnyOf(3U, 4U));
      const bool has_last = shards.contains(100);
      EXPECT_EQ(window.size(), 10 * shards.size() - (has_last ? 7 : 0));  // whole shards, in one window each
    }
    orders.insert(samples);
  }
  EXPECT_THAT(orders, testing::SizeIs(5));
}

TEST(BatchOrderTest, AnOrderByShardsDependsOnSeedAndEpochAlone) {
  const ShardOptions shards = {.samples = 10, .mixed = 4};
  const auto third =
      BatchOrder(500, {.batch_size = 7, .shuffle = true, .seed = 8, .shards = shards}).of_epoch(3);
  const BatchOrder other(500, {.batch_size = 64, .shuffle = true, .seed = 8, .shards = shards});
  other.of_epoch(0);
  EXPECT_EQ(other.of_epoch(3), third);
  EXPECT_NE(BatchOrder(500, {.shuffle = true, .seed = 9, .shards = shards}).of_epoch(3), third);
}

/// The variance of how many samples of a class a batch of 32 has, by that of chance, where samples are sorted
/// by seven classes.
double unevenness(const ShardOptions& shards) {
  constexpr std::size_t kSamples = 7 * 32 * 100;
  const BatchOrder order(kSamples, {.shuffle = true, .seed = 8, .shards = shards});
  double squares = 0;
  const auto samples = order.of_epoch(1);
  for (std::size_t batch = 0; batch < order.batches(); ++batch) {
    std::array<int, 7> counts{};
    for (std::size_t i = order.begin_of(batch); i < order.end_of(batch); ++i)
      ++counts[samples[i] / (kSamples / 7)];
    for (const int count : counts) squares += std::pow(count - 32.0 / 7, 2);
  }
  return squares / (7 * static_cast<double>(order.batches()) * 32 * (1.0 / 7) * (6.0 / 7));
}

TEST(BatchOrderTest, ManySmallShardsMixClassesThatTheSamplesAreSortedBy) {
  EXPECT_NEAR(unevenness({}), 1, 0.1);
  EXPECT_NEAR(unevenness({.samples = 20, .mixed = 128}), 1.25, 0.15);  // 1 + batch / mixed
  EXPECT_GT(unevenness({.samples = 320, .mixed = 8}), 3);              // as much in a window
  EXPECT_GT(unevenness({.samples = 320, .mixed = 1}), 25);
}

TEST(BatchOrderTest, FewShardsAreOneWindow) {
  const BatchOrder order(23, {.shuffle = true, .seed = 8, .shards = {.samples = 100, .mixed = 4}});
  EXPECT_THAT(order.windows_of(0), testing::SizeIs(1));
  EXPECT_THAT(order.of_epoch(0), testing::UnorderedElementsAreArray(first_numbers(23)));
}

TEST(BatchOrderTest, RefusesShardsBesideWeightsAndWindowsWithoutShards) {
  EXPECT_THROW(BatchOrder(2, {.shuffle = true, .weights = {1, 2}, .shards = {.samples = 1, .mixed = 1}}),
               Error);
  EXPECT_THROW(BatchOrder(2, {.shuffle = true, .shards = {.samples = 1, .mixed = 0}}), Error);
}

TEST(BatchOrderTest, RefusesWeightsThatSayNothing) {
  for (const std::vector<double>& weights :
       {std::vector<double>{1}, {0, 0}, {1, -1}, {1, std::numeric_limits<double>::quiet_NaN()}}) {
    EXPECT_THROW(BatchOrder(2, {.weights = weights}), Error);
  }
}

}  // namespace
}  // namespace fer
