#include "fer/core/pace.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace fer {
namespace {

TEST(PaceTest, NothingIsKnownBeforeAnythingIsDone) {
  Pace pace;
  EXPECT_EQ(pace.seconds_for(5), std::nullopt);
  EXPECT_EQ(pace.seconds_for(0), 0.0);
  pace.at(0, 3);
  EXPECT_EQ(pace.seconds_for(5), std::nullopt);
}

TEST(PaceTest, SteadyWorkHasTheRateItHas) {
  Pace pace;
  for (std::size_t i = 1; i <= 4000; ++i) pace.at(i, 0.25 * static_cast<double>(i));
  EXPECT_NEAR(pace.rate(), 4, 1e-9);
  EXPECT_NEAR(*pace.seconds_for(100), 25, 1e-9);
}

TEST(PaceTest, OneSlowStepHardlyMovesTheForecast) {
  Pace pace;
  for (std::size_t i = 1; i <= 600; ++i) pace.at(i, 0.1 * static_cast<double>(i));
  pace.at(601, 62);  // two seconds for it
  EXPECT_NEAR(pace.rate(), 10, 1.2);
}

TEST(PaceTest, AChangeThatLastsIsFollowed) {
  Pace pace;
  for (std::size_t i = 1; i <= 600; ++i) pace.at(i, 0.1 * static_cast<double>(i));
  for (std::size_t i = 1; i <= 120; ++i) pace.at(600 + i, 60 + 0.5 * static_cast<double>(i));
  EXPECT_LT(pace.rate(), 3) << "the mean of all would be 6";
}

TEST(PaceTest, TheForecastOfUnevenWorkIsSteady) {
  Pace pace;
  double seconds = 0;
  double low = 1e9;
  double high = 0;
  for (std::size_t i = 1; i <= 2000; ++i) {
    pace.at(i, seconds += i % 7 == 0 ? 1.4 : 0.1);
    if (i < 300) continue;
    low = std::min(low, pace.rate());
    high = std::max(high, pace.rate());
  }
  EXPECT_LT(high / low, 1.1) << "every seventh step is fourteen times as slow";
}

TEST(PaceTest, FewerThanBeforeBeginsAnew) {
  Pace pace;
  pace.at(1000, 1);
  pace.at(0, 10);
  EXPECT_EQ(pace.seconds_for(1), std::nullopt);
  pace.at(5, 15);
  EXPECT_NEAR(pace.rate(), 1, 1e-9);
}

}  // namespace
}  // namespace fer
