#include "fer/video/smoother.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "fer/core/error.hpp"

namespace fer {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using Rows = std::vector<std::vector<float>>;

Rows smoothed(const std::vector<double>& times, const Rows& rows, const Smoothing& smoothing) {
  std::vector<TimedProbabilities> track;
  for (std::size_t i = 0; i < rows.size(); ++i) track.push_back({times[i], rows[i]});
  return smooth(track, smoothing);
}

const std::vector<double> kThirds = {0, 0.333, 0.667, 1.0, 1.333};
const Rows kOutlier = {{0.9F, 0.1F}, {0.8F, 0.2F}, {0.1F, 0.9F}, {0.8F, 0.2F}, {0.9F, 0.1F}};

TEST(Smoother, NoneKeepsTheRows) {
  EXPECT_EQ(smoothed(kThirds, kOutlier, {.method = SmoothingMethod::none}), kOutlier);
  EXPECT_TRUE(smooth({}, {}).empty());
}

TEST(Smoother, TheMedianRemovesASingleOutlier) {
  const Rows rows = smoothed(kThirds, kOutlier, {.method = SmoothingMethod::median, .window = 1});
  // At either end two rows are in reach, and the median is their mean.
  EXPECT_THAT(rows[0], ElementsAre(FloatNear(0.85F, 1e-6F), FloatNear(0.15F, 1e-6F)));
  for (const auto& row : {rows[1], rows[2], rows[3]})
    EXPECT_THAT(row, ElementsAre(FloatNear(0.8F, 1e-6F), FloatNear(0.2F, 1e-6F)));
}

TEST(Smoother, TheMedianOfThreeClassesSumsToOneAgain) {
  const Rows rows = smoothed({0, 0.1, 0.2}, {{0.6F, 0.4F, 0}, {0, 0.6F, 0.4F}, {0.5F, 0, 0.5F}}, {});
  EXPECT_THAT(rows[1], ElementsAre(FloatNear(0.5F / 1.3F, 1e-6F), FloatNear(0.4F / 1.3F, 1e-6F),
                                   FloatNear(0.4F / 1.3F, 1e-6F)));
  const Rows certain = smoothed({0, 0.1, 0.2}, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, {});
  EXPECT_THAT(certain[1], ElementsAre(0, 1, 0));
}

TEST(Smoother, TheMedianDoesNotReachAcrossAGap) {
  const Rows rows = smoothed({0, 0.2, 5.0}, {{1, 0}, {1, 0}, {0, 1}}, {.window = 1});
  EXPECT_THAT(rows[2], ElementsAre(0, 1));
}

TEST(Smoother, TheAverageWeighsByTime) {
  const Rows rows =
      smoothed({0, 0.5, 1.5}, {{1, 0}, {0, 1}, {0, 1}}, {.method = SmoothingMethod::ema, .window = 1});
  EXPECT_THAT(rows[0], ElementsAre(1, 0));
  EXPECT_NEAR(rows[1][0], std::exp(-1), 1e-6);
  EXPECT_NEAR(rows[2][0], std::exp(-3), 1e-6);
  EXPECT_NEAR(rows[2][0] + rows[2][1], 1, 1e-6);
}

TEST(Smoother, TheAverageForgetsOverALongGap) {
  const Rows rows = smoothed({0, 60}, {{1, 0}, {0.2F, 0.8F}}, {.method = SmoothingMethod::ema, .window = 1});
  EXPECT_THAT(rows[1], ElementsAre(FloatNear(0.2F, 1e-6F), FloatNear(0.8F, 1e-6F)));
}

TEST(Smoother, BothCutTheFlipsOfANoisyLabel) {
  std::vector<double> times;
  Rows rows;
  for (int i = 0; i < 90; ++i) {
    times.push_back(i / 30.0);
    const float first = i % 4 == 1 ? 0.3F : 0.8F;
    rows.push_back({first, 1 - first});
  }
  for (const auto method : {SmoothingMethod::ema, SmoothingMethod::median}) {
    for (const auto& row : smoothed(times, rows, {.method = method, .window = 0.5})) EXPECT_GT(row[0], 0.5F);
  }
}

TEST(Smoother, NamesAndTexts) {
  EXPECT_EQ(smoothing_method("ema"), SmoothingMethod::ema);
  EXPECT_EQ(smoothing_text({.method = SmoothingMethod::none}), "none");
  EXPECT_EQ(smoothing_text({.method = SmoothingMethod::median, .window = 0.5}), "median 0.5 s");
  try {
    smoothing_method("medain");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'median'?"));
  }
  EXPECT_THROW(smooth({}, {.method = SmoothingMethod::ema, .window = 0}), Error);
  EXPECT_THROW(smooth({}, {.method = SmoothingMethod::median, .window = std::nan("")}), Error);
}

}  // namespace
}  // namespace fer
