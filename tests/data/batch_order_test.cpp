#include "fer/data/batch_order.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "fer/core/error.hpp"

namespace fer {
namespace {

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

TEST(BatchOrderTest, RefusesWeightsThatSayNothing) {
  for (const std::vector<double>& weights :
       {std::vector<double>{1}, {0, 0}, {1, -1}, {1, std::numeric_limits<double>::quiet_NaN()}}) {
    EXPECT_THROW(BatchOrder(2, {.weights = weights}), Error);
  }
}

}  // namespace
}  // namespace fer
