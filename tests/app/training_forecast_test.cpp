#include "training_forecast.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace fer {
namespace {

/// Stages of 2 and 8 epochs.
TrainConfig two_stages() {
  TrainConfig config;
  config.epochs = 10;
  config.stages = {{.trainable = "head", .epochs = 2}, {.trainable = "all"}};
  return config;
}

TrainConfig one_stage(int epochs) {
  TrainConfig config;
  config.epochs = epochs;
  config.stages = {{}};
  return config;
}

std::vector<EpochResult> epochs(const std::vector<std::pair<int, double>>& stages_and_seconds) {
  std::vector<EpochResult> history;
  for (const auto& [stage, seconds] : stages_and_seconds) {
    EpochResult& epoch = history.emplace_back();
    epoch.epoch = static_cast<int>(history.size());
    epoch.stage = stage;
    epoch.seconds = seconds;
  }
  return history;
}

/// So many of 100 batches, at two a second.
EpochPosition at(int stage, std::size_t batches) {
  Pace pace;
  pace.at(batches, static_cast<double>(batches) / 2);
  return {.stage = stage, .batches = batches, .all_batches = 100, .pace = pace};
}

TEST(TrainingForecast, OfTheFirstEpochIsToldFromItsBatches) {
  const TrainingForecast told = forecast(one_stage(4), {}, at(1, 50));
  EXPECT_EQ(told.done, 0);
  EXPECT_EQ(told.total, 4);
  EXPECT_DOUBLE_EQ(told.share, 0.125);
  EXPECT_NEAR(told.left.value(), 25 + 3 * 50, 1e-9);
  EXPECT_FALSE(told.at_least);
}

TEST(TrainingForecast, CountsValidationOnceAnEpochHasShownWhatItTakes) {
  const auto history = epochs({{1, 90}, {1, 110}});
  const TrainingForecast told = forecast(one_stage(5), history, at(1, 50));
  EXPECT_DOUBLE_EQ(told.share, 0.5);
  EXPECT_NEAR(told.left.value(), 25 + 2 * 100, 1e-9);
}

TEST(TrainingForecast, GoesByTheLastEpochsOfTheStage) {
  const auto history = epochs({{1, 1}, {1, 1}, {2, 500}, {2, 60}, {2, 60}, {2, 60}, {2, 60}, {2, 60}});
  EXPECT_NEAR(forecast(two_stages(), history, at(2, 0)).left.value(), 60 + 60, 1e-9)
      << "not by the head's, nor by one long ago";
}

TEST(TrainingForecast, SaysThatLaterStagesMayTakeLonger) {
  EXPECT_TRUE(forecast(two_stages(), {}, at(1, 50)).at_least);
  EXPECT_FALSE(forecast(two_stages(), epochs({{1, 1}, {1, 1}}), at(2, 50)).at_least);
}

TEST(TrainingForecast, AStageThatEndedEarlyIsNotWaitedFor) {
  const TrainingForecast told = forecast(two_stages(), epochs({{1, 5}}), at(2, 0));
  EXPECT_EQ(told.total, 9) << "one epoch of the head instead of two";
}

TEST(TrainingForecast, IsNotBeyondTheTimeThereIs) {
  TrainConfig config = one_stage(100);
  config.max_time = "10m";
  EXPECT_NEAR(forecast(config, epochs({{1, 100}, {1, 100}}), at(1, 50)).left.value(), 400, 1e-9);
}

TEST(TrainingForecast, NothingIsSaidBeforeAnythingIsKnown) {
  const TrainingForecast told =
      forecast(one_stage(4), {}, {.batches = 1, .all_batches = 100, .pace = Pace(1, 3)});
  EXPECT_EQ(told.left, std::nullopt);
}

TEST(TrainingForecast, WhileItValidatesTheRestIsLeft) {
  EXPECT_NEAR(forecast(one_stage(3), epochs({{1, 80}}), at(1, 100)).left.value(), 80, 1e-9);
}

}  // namespace
}  // namespace fer
