#include "fer/video/smoother.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "fer/core/error.hpp"
#include "fer/core/random.hpp"
#include "support/golden.hpp"

namespace fer {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;
using Rows = std::vector<std::vector<float>>;

struct Smoothed {
  Rows rows;
  std::vector<int> labels;
};

Smoothed both(const std::vector<double>& times, const Rows& rows, const Smoothing& smoothing) {
  std::vector<TimedProbabilities> track;
  for (std::size_t i = 0; i < rows.size(); ++i) track.push_back({times[i], rows[i]});
  Smoothed result;
  for (SmoothedRow& row : smooth(track, smoothing)) {
    result.rows.push_back(std::move(row.probabilities));
    result.labels.push_back(row.label);
  }
  return result;
}

Rows smoothed(const std::vector<double>& times, const Rows& rows, const Smoothing& smoothing) {
  return both(times, rows, smoothing).rows;
}

std::vector<int> labels(const std::vector<double>& times, const Rows& rows, const Smoothing& smoothing) {
  return both(times, rows, smoothing).labels;
}

constexpr std::array kWindowed = {SmoothingMethod::ema, SmoothingMethod::median, SmoothingMethod::majority,
                                  SmoothingMethod::hmm};

/// A face that keeps an expression for about two seconds, seen `step` seconds apart with noise and gaps.
struct NoisyTrack {
  std::vector<double> times;
  Rows rows;

  NoisyTrack(int count, double step, std::uint64_t seed = 5) {
    Rng rng(seed);
    double time = 0;
    std::size_t truth = 0;
    for (int i = 0; i < count; ++i) {
      const double dt = rng.uniform() < 0.02 ? 3 : step * rng.uniform(0.5, 1.5);
      time += dt;
      if (rng.uniform() > std::exp(-dt / 2)) truth = static_cast<std::size_t>(rng.below(7));
      std::vector<float> row(7);
      for (float& p : row) p = static_cast<float>(std::exp(rng.normal()));
      row[truth] *= 6;
      const float sum = std::accumulate(row.begin(), row.end(), 0.0F);
      for (float& p : row) p /= sum;
      times.push_back(time);
      rows.push_back(row);
    }
  }
};

void expect_near(const Rows& actual, const Rows& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i)
    EXPECT_THAT(actual[i], Pointwise(FloatNear(3e-6F), expected[i])) << i;
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

TEST(Smoother, EachCutsTheFlipsOfANoisyLabel) {
  std::vector<double> times;
  Rows rows;
  for (int i = 0; i < 90; ++i) {
    times.push_back(i / 30.0);
    const float first = i % 4 == 1 ? 0.3F : 0.8F;
    rows.push_back({first, 1 - first});
  }
  for (const auto method : kWindowed) {
    for (const auto& row : smoothed(times, rows, {.method = method, .window = 0.5})) EXPECT_GT(row[0], 0.5F);
  }
}

TEST(Smoother, TheLabelIsTheMostProbableClassTheFirstOfEquals) {
  const Rows rows = {{0.2F, 0.4F, 0.4F}, {0.1F, 0.1F, 0.8F}, {0.5F, 0.5F, 0}};
  EXPECT_THAT(labels({0, 9, 18}, rows, {.method = SmoothingMethod::none}), ElementsAre(1, 2, 0));
  for (const auto method : {SmoothingMethod::ema, SmoothingMethod::median, SmoothingMethod::majority})
    EXPECT_THAT(labels({0, 90, 180}, rows, {.method = method}), ElementsAre(1, 2, 0));
}

TEST(Smoother, TheMajorityCountsVotesNotHowSureTheyAre) {
  const Rows rows = {{0.4F, 0.35F, 0.25F}, {0.4F, 0.35F, 0.25F}, {0, 1, 0}};
  const auto [shares, winners] = both({0, 0.1, 0.2}, rows, {.method = SmoothingMethod::majority});
  for (const auto& row : shares)
    EXPECT_THAT(row, ElementsAre(FloatNear(2.0F / 3, 1e-6F), FloatNear(1.0F / 3, 1e-6F), 0));
  EXPECT_THAT(winners, ElementsAre(0, 0, 0));
}

TEST(Smoother, ATieOfVotesGoesToTheClassOfTheHigherMean) {
  const Rows rows = {{0.5F, 0.3F, 0.2F}, {0.1F, 0.8F, 0.1F}, {0, 0.1F, 0.9F}, {0, 0.2F, 0.8F}};
  const auto [shares, winners] =
      both({0, 0.2, 0.4, 9}, rows, {.method = SmoothingMethod::majority, .window = 0.5});
  EXPECT_THAT(shares[0], ElementsAre(0.5F, 0.5F, 0));
  EXPECT_THAT(winners, ElementsAre(1, 1, 2, 2));  // of the second row's three classes 1 has the mean 0.4
  EXPECT_THAT(shares[3], ElementsAre(0, 0, 1));   // alone
}

TEST(Smoother, TheChainHoldsALabelAgainstOneFrameButNotAgainstThree) {
  const std::vector<float> calm = {0.9F, 0.1F, 0};
  const std::vector<float> moved = {0.05F, 0.95F, 0};
  std::vector<double> times(9);
  for (std::size_t i = 0; i < times.size(); ++i) times[i] = static_cast<double>(i) / 3;
  const Smoothing smoothing{.method = SmoothingMethod::hmm};
  EXPECT_THAT(labels(times, {calm, calm, calm, calm, moved, calm, calm, calm, calm}, smoothing),
              ::testing::Each(0));
  EXPECT_THAT(labels(times, {calm, calm, calm, moved, moved, moved, calm, calm, calm}, smoothing),
              ElementsAre(0, 0, 0, 1, 1, 1, 0, 0, 0));
}

TEST(Smoother, TheChainOfOneRowIsThatRow) {
  const Rows rows = smoothed({4}, {{0.7F, 0.3F, 0}}, {.method = SmoothingMethod::hmm});
  EXPECT_THAT(rows[0], ElementsAre(FloatNear(0.7F, 0.01F), FloatNear(0.3F, 0.01F), FloatNear(0, 0.01F)));
  EXPECT_THAT(smoothed({4, 5}, {{1}, {1}}, {.method = SmoothingMethod::hmm}),
              ElementsAre(ElementsAre(1), ElementsAre(1)));
}

TEST(Smoother, TheChainForgetsOverALongGap) {
  const Smoothing smoothing{.method = SmoothingMethod::hmm};
  const Rows near = smoothed({0, 0.3}, {{0.9F, 0.1F}, {0.4F, 0.6F}}, smoothing);
  const Rows far = smoothed({0, 600}, {{0.9F, 0.1F}, {0.4F, 0.6F}}, smoothing);
  EXPECT_GT(near[1][0], 0.7F);
  EXPECT_NEAR(far[1][0], 0.4, 0.01);
  EXPECT_NEAR(far[0][0], 0.9, 0.01);
}

/// Ten rows a second or a hundred with the same message: no surer for that.
TEST(Smoother, RowsThatRepeatEachOtherCountAsFewForTheChain) {
  for (const double step : {0.1, 0.01}) {
    std::vector<double> times;
    for (double time = 0; time < 1.0001; time += step) times.push_back(time);
    const Rows rows(times.size(), {0.6F, 0.4F});
    const Rows result = smoothed(times, rows, {.method = SmoothingMethod::hmm, .window = 1e6});
    EXPECT_NEAR(result[0][0] / result[0][1], std::pow(0.599 / 0.401, 5), 0.02) << step;
  }
}

TEST(Smoother, RowsThatSayNothingAndRowsOfOneTimeDoNoHarm) {
  const Rows rows = {{1, 0, 0}, {0, 0, 1}, {0.1F, 0, 0.9F}, {0, 0, 0}};
  const auto [posteriors, path] = both({0, 0, 0, 1}, rows, {.method = SmoothingMethod::hmm});
  EXPECT_THAT(path, ElementsAre(0, 0, 0, 0));
  for (const auto& row : posteriors) EXPECT_NEAR(std::accumulate(row.begin(), row.end(), 0.0), 1, 1e-6);
}

TEST(Smoother, EqualsPandasAndHmmlearn) {
  const auto cases = golden_json("smoothing.json", "cases");
  ASSERT_GE(cases.size(), 10U);
  for (const auto& one : cases) {
    SCOPED_TRACE(one.at("name"));
    const auto times = one.at("times").get<std::vector<double>>();
    const auto rows = one.at("rows").get<Rows>();
    const double window = one.at("window");
    expect_near(smoothed(times, rows, {.method = SmoothingMethod::median, .window = window}),
                one.at("median").get<Rows>());
    const auto votes = both(times, rows, {.method = SmoothingMethod::majority, .window = window});
    expect_near(votes.rows, one.at("majority").get<Rows>());
    EXPECT_EQ(votes.labels, one.at("majority_labels").get<std::vector<int>>());
    const auto chain =
        both(times, rows, {.method = SmoothingMethod::hmm, .window = one.at("dwell").get<double>()});
    expect_near(chain.rows, one.at("hmm").get<Rows>());
    EXPECT_EQ(chain.labels, one.at("hmm_labels").get<std::vector<int>>());
  }
}

TEST(Smoother, AProbabilityThatIsNoNumberIsRefused) {
  for (const SmoothingMethod method : kWindowed)
    EXPECT_THROW(smoothed({0, 1}, {{1, 0}, {std::nanf(""), 1}}, {.method = method}), Error);
}

TEST(Smoother, EveryRowSumsToOneAndHasALabel) {
  const NoisyTrack track(500, 0.1);
  for (const SmoothingMethod method : kWindowed) {
    const auto [rows, winners] = both(track.times, track.rows, {.method = method});
    ASSERT_EQ(rows.size(), track.rows.size());
    for (const auto& row : rows) ASSERT_NEAR(std::accumulate(row.begin(), row.end(), 0.0), 1, 1e-5);
    EXPECT_THAT(winners, ::testing::Each(::testing::AllOf(::testing::Ge(0), ::testing::Lt(7))));
  }
}

TEST(Smoother, ATrackReversedGivesTheReversedRows) {
  NoisyTrack track(400, 0.1);
  NoisyTrack reversed = track;
  std::ranges::reverse(reversed.rows);
  std::ranges::reverse(reversed.times);
  for (double& time : reversed.times) time = track.times.back() - time;
  for (const SmoothingMethod method :
       {SmoothingMethod::median, SmoothingMethod::majority, SmoothingMethod::hmm}) {
    auto forth = both(track.times, track.rows, {.method = method});
    const auto back = both(reversed.times, reversed.rows, {.method = method});
    std::ranges::reverse(forth.rows);
    std::ranges::reverse(forth.labels);
    expect_near(back.rows, forth.rows);
    EXPECT_EQ(back.labels, forth.labels);
  }
}

TEST(Smoother, TheOrderOfTheClassesDoesNotMatter) {
  NoisyTrack track(300, 0.1);
  NoisyTrack turned = track;
  for (auto& row : turned.rows) std::ranges::reverse(row);
  for (const SmoothingMethod method : kWindowed) {
    const auto straight = both(track.times, track.rows, {.method = method});
    auto other = both(turned.times, turned.rows, {.method = method});
    for (auto& row : other.rows) std::ranges::reverse(row);
    for (int& label : other.labels) label = 6 - label;
    expect_near(other.rows, straight.rows);
    EXPECT_EQ(other.labels, straight.labels);
  }
}

/// Work that grew with the square of its length would take the tests' time limit.
TEST(Smoother, AHugeTrackHasARowForEachFrame) {
  constexpr int kFrames = 1'000'000;
  const NoisyTrack track(kFrames, 1.0 / 30);
  for (const SmoothingMethod method : kWindowed)
    EXPECT_EQ(std::ssize(smoothed(track.times, track.rows, {.method = method})), kFrames);
}

TEST(Smoother, NamesAndTexts) {
  EXPECT_EQ(smoothing_method("majority"), SmoothingMethod::majority);
  EXPECT_EQ(smoothing_method("hmm"), SmoothingMethod::hmm);
  EXPECT_EQ(smoothing_text({}), "median 1 s");
  EXPECT_EQ(smoothing_text({.method = SmoothingMethod::hmm}), "hmm 2 s");
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
  for (const SmoothingMethod method : kWindowed) {
    for (const double window : {0.0, -1.0, std::nan("")})
      EXPECT_THROW(smooth({}, {.method = method, .window = window}), Error) << window;
  }
}

}  // namespace
}  // namespace fer
