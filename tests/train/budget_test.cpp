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

}  // namespace
}  // namespace fer
