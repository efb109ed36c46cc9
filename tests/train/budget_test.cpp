#include "fer/train/budget.hpp"

#include <gtest/gtest.h>

namespace fer {
namespace {

TEST(PlannedEpochs, AreThoseThatFitAtThePaceSoFar) {
  StageBudget budget{.configured_epochs = 100, .done_epochs = 4, .seconds_of_done = 40, .seconds_left = 65};
  EXPECT_EQ(planned_epochs(budget), 10);
  budget.seconds_left = 9.9;
  EXPECT_EQ(planned_epochs(budget), 4);
  budget.seconds_left = -5;
  EXPECT_EQ(planned_epochs(budget), 4);
  budget.seconds_left = 1e9;
  EXPECT_EQ(planned_epochs(budget), 100);
}

TEST(PlannedEpochs, AreTheConfiguredOnesBeforeThePaceIsKnown) {
  EXPECT_EQ(
      planned_epochs({.configured_epochs = 7, .done_epochs = 0, .seconds_of_done = 0, .seconds_left = 1}), 7);
}

TEST(StageDeadline, SharesTheTimeThatIsLeftByEpochs) {
  TrainConfig config;
  config.epochs = 10;
  config.stages = {{.trainable = "head", .epochs = 2}, {}};
  config.max_time = "100s";
  EXPECT_EQ(configured_epochs(config, 0), 2);
  EXPECT_EQ(configured_epochs(config, 1), 8);
  EXPECT_DOUBLE_EQ(stage_deadline(config, 0, 0), 20);
  EXPECT_DOUBLE_EQ(stage_deadline(config, 1, 5), 100);  // what the first did not need is the second's
  EXPECT_DOUBLE_EQ(stage_deadline(config, 1, 120), 120);
}

}  // namespace
}  // namespace fer
