#include "fer/train/schedule.hpp"

#include <gmock/gmock.h>

#include <vector>

#include "fer/core/error.hpp"

namespace fer {
namespace {

struct Row {
  int step;
  double share;
};

double share(const ScheduleConfig& schedule, std::int64_t step, std::int64_t steps = 101) {
  return learning_rate_share(schedule, {.step = step, .steps = steps, .steps_per_epoch = 10});
}

TEST(LearningRate, ConstantStays) {
  for (const int step : {0, 1, 99}) EXPECT_EQ(share({.name = "constant"}, step), 1);
}

TEST(LearningRate, CosineFallsToTheFloor) {
  // 0.01 + 0.99 (1 + cos(pi step / 100)) / 2
  for (const Row& row :
       {Row{0, 1}, {25, 0.8550178566873136}, {50, 0.505}, {75, 0.15498214331268647}, {100, 0.01}}) {
    EXPECT_NEAR(share({.name = "cosine"}, row.step), row.share, 1e-12) << row.step;
  }
  EXPECT_DOUBLE_EQ(share({.name = "cosine", .floor = 0.2}, 100), 0.2);
}

TEST(LearningRate, CosineHoldsItsEnds) {
  EXPECT_DOUBLE_EQ(share({.name = "cosine"}, 0, 1), 1);
  EXPECT_DOUBLE_EQ(share({.name = "cosine"}, 1, 2), 0.01);
  EXPECT_DOUBLE_EQ(share({.name = "cosine"}, 500), 0.01);
}

TEST(LearningRate, StepFallsEveryFewEpochs) {
  const ScheduleConfig schedule{.name = "step", .step_epochs = 3, .factor = 0.5};
  for (const Row& row : {Row{0, 1}, {29, 1}, {30, 0.5}, {59, 0.5}, {60, 0.25}, {100, 0.125}}) {
    EXPECT_DOUBLE_EQ(share(schedule, row.step), row.share) << row.step;
  }
}

TEST(LearningRate, OneCycleRisesAndFalls) {
  const ScheduleConfig schedule{.name = "one_cycle", .floor = 0.001};
  for (const Row& row : {Row{0, 0.04}, {15, 0.52}, {30, 1}, {65, 0.5005}, {100, 0.001}}) {
    EXPECT_NEAR(share(schedule, row.step), row.share, 1e-12) << row.step;
  }
}

TEST(LearningRate, WarmupRisesInALineAndTheRestIsLaidOverWhatIsLeft) {
  const ScheduleConfig schedule{.name = "cosine", .warmup = 2};
  for (const Row& row : {Row{0, 0.05}, {9, 0.5}, {19, 1}, {20, 1}, {60, 0.505}, {100, 0.01}}) {
    EXPECT_NEAR(share(schedule, row.step), row.share, 1e-12) << row.step;
  }
  EXPECT_DOUBLE_EQ(share({.name = "constant", .warmup = 0.5}, 0), 0.2);
}

TEST(LearningRate, PlateauFallsWhenTheLossRests) {
  const ScheduleConfig schedule{.name = "plateau", .factor = 0.5, .patience = 2};
  const auto after = [&](const std::vector<double>& losses) {
    return learning_rate_share(schedule,
                               {.step = 0, .steps = 100, .steps_per_epoch = 10, .val_losses = losses});
  };
  EXPECT_EQ(after({}), 1);
  EXPECT_EQ(after({3, 2, 2}), 1);
  EXPECT_EQ(after({3, 2, 2, 2.5}), 0.5);
  EXPECT_EQ(after({3, 2, 2, 2.5, 2}), 0.5);
  EXPECT_EQ(after({3, 2, 2, 2.5, 2, 3}), 0.25);
  EXPECT_EQ(after({3, 2, 2, 1, 1.5, 0.5, 0.4}), 1);
}

TEST(LearningRate, RefusesAnotherName) {
  EXPECT_THAT([] { share({.name = "cosin"}, 0); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("'cosin' is none of constant, step")));
}

}  // namespace
}  // namespace fer
