#include "fer/train/schedule.hpp"

#include <gmock/gmock.h>

#include "fer/core/error.hpp"

namespace fer {
namespace {

TEST(LearningRate, ConstantStays) {
  for (const int step : {0, 1, 99}) EXPECT_EQ(learning_rate("constant", 0.3, step, 100), 0.3);
}

TEST(LearningRate, CosineFallsFromTheBaseToAHundredth) {
  struct Row {
    int step;
    double rate;
  };
  // 0.01 + 0.99 (1 + cos(pi step / 100)) / 2
  for (const Row& row :
       {Row{0, 1}, {25, 0.8550178566873136}, {50, 0.505}, {75, 0.15498214331268647}, {100, 0.01}}) {
    EXPECT_NEAR(learning_rate("cosine", 1, row.step, 101), row.rate, 1e-12) << row.step;
    EXPECT_NEAR(learning_rate("cosine", 2e-3, row.step, 101), 2e-3 * row.rate, 1e-15) << row.step;
  }
}

TEST(LearningRate, CosineHoldsItsEnds) {
  EXPECT_DOUBLE_EQ(learning_rate("cosine", 1, 0, 1), 1);
  EXPECT_DOUBLE_EQ(learning_rate("cosine", 1, 1, 2), 0.01);
  EXPECT_DOUBLE_EQ(learning_rate("cosine", 1, 500, 101), 0.01);
}

TEST(LearningRate, RefusesAnotherName) {
  EXPECT_THAT([] { learning_rate("cosin", 1, 0, 1); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("'cosin' is none of constant, cosine")));
}

}  // namespace
}  // namespace fer
