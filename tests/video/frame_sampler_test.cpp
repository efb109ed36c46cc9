#include "fer/video/frame_sampler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "fer/core/error.hpp"

namespace fer {
namespace {

using ::testing::ElementsAre;
using Indices = std::vector<std::int64_t>;

Indices taken(const Sampling& sampling, const std::vector<double>& times) {
  FrameSampler sampler(sampling);
  Indices indices;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto index = static_cast<std::int64_t>(i);
    if (sampler.take({.index = index, .timestamp = times[i]})) indices.push_back(index);
  }
  return indices;
}

std::vector<double> even(std::size_t count, double fps, double first = 0) {
  std::vector<double> times;
  for (std::size_t i = 0; i < count; ++i) times.push_back(first + static_cast<double>(i) / fps);
  return times;
}

TEST(FrameSampler, TakesEveryTenthOfThirtyFramesASecond) {
  EXPECT_THAT(taken({}, even(60, 30)), ElementsAre(0, 10, 20, 30, 40, 50));
}

TEST(FrameSampler, TheReferencePapersVideos) {
  EXPECT_THAT(taken({}, even(687, 687.0 / 22)).size(),
              ::testing::AllOf(::testing::Ge(64U), ::testing::Le(66U)));
  EXPECT_NEAR(static_cast<double>(taken({}, even(461, 461.0 / 15)).size()), 44, 1);
  EXPECT_NEAR(static_cast<double>(taken({}, even(306, 306.0 / 10)).size()), 29, 1);
}

TEST(FrameSampler, RoundedTimesAndAStartOffsetChangeNothing) {
  std::vector<double> times = even(60, 30, 0.1);
  for (double& time : times) time = std::floor(time * 1000) / 1000;
  EXPECT_THAT(taken({}, times), ElementsAre(0, 10, 20, 30, 40, 50));
}

TEST(FrameSampler, AVariableFrameRateIsSampledByTime) {
  // 30 frames a second for a second, a gap of two, then 10 a second: one late frame serves all steps it is
  // late for.
  std::vector<double> times = even(30, 30);
  for (const double time : even(10, 10, 3.05)) times.push_back(time);
  EXPECT_THAT(taken({}, times), ElementsAre(0, 10, 20, 30, 33, 37));
}

TEST(FrameSampler, AVideoSlowerThanTheRateGivesEachFrameOnce) {
  EXPECT_THAT(taken({.fps = 5}, even(4, 2)), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(taken({.fps = 30}, even(100, 30)).size(), 100U);
}

TEST(FrameSampler, TheRateHoldsOverThreeHours) {
  EXPECT_EQ(taken({}, even(3 * 3600 * 30, 30000.0 / 1001)).size(), 32433U);  // 10810.8 s
}

TEST(FrameSampler, AllAndEveryNth) {
  EXPECT_THAT(taken({.method = SamplingMethod::all}, even(4, 30)), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(taken({.method = SamplingMethod::every_n, .every_n = 5}, even(12, 30)), ElementsAre(0, 5, 10));
}

TEST(FrameSampler, AnExcerptIsPartOfTheWhole) {
  EXPECT_THAT(taken({.start = 0.5, .end = 1.34}, even(60, 30)), ElementsAre(20, 30, 40));
  EXPECT_THAT(taken({.method = SamplingMethod::every_n, .every_n = 7, .start = 0.5, .end = 1}, even(60, 30)),
              ElementsAre(21, 28));
  EXPECT_THAT(taken({.method = SamplingMethod::all, .start = 0.1, .end = 0.2}, even(60, 10)), ElementsAre(1));
  const FrameSampler sampler({.end = 2});
  EXPECT_FALSE(sampler.finished(1.999));
  EXPECT_TRUE(sampler.finished(2));
}

TEST(FrameSampler, ImpossibleOptionsAreUsageErrors) {
  for (const Sampling& bad : {Sampling{.fps = 0}, Sampling{.fps = -3}, Sampling{.fps = std::nan("")},
                              Sampling{.method = SamplingMethod::every_n, .every_n = 0},
                              Sampling{.start = 2, .end = 2}, Sampling{.end = std::nan("")}}) {
    try {
      FrameSampler sampler(bad);
      ADD_FAILURE() << bad.fps;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
    }
  }
}

}  // namespace
}  // namespace fer
