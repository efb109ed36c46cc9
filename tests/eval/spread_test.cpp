#include "fer/eval/spread.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace fer {
namespace {

TEST(SpreadOf, IsTheSamplesMeanAndDeviation) {
  // numpy: mean, std(ddof=1)
  const Spread spread = spread_of(std::vector<double>{0.81, 0.79, 0.84, 0.80});
  EXPECT_DOUBLE_EQ(spread.mean, 0.81);
  EXPECT_NEAR(spread.deviation, 0.021602468994692866, 1e-15);
}

TEST(SpreadOf, OneValueDoesNotSpread) {
  const Spread spread = spread_of(std::vector<double>{0.5});
  EXPECT_EQ(spread.mean, 0.5);
  EXPECT_EQ(spread.deviation, 0);
}

}  // namespace
}  // namespace fer
