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

TEST(BatchOrderTest, RefusesWeightsThatSayNothing) {
  for (const std::vector<double>& weights :
       {std::vector<double>{1}, {0, 0}, {1, -1}, {1, std::numeric_limits<double>::quiet_NaN()}}) {
    EXPECT_THROW(BatchOrder(2, {.weights = weights}), Error);
  }
}

}  // namespace
}  // namespace fer
