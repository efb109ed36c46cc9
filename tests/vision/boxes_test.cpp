#include "fer/vision/boxes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(OverlapTest, IsTheSharedPartOfBothOrOfTheSmaller) {
  const cv::Rect2f a(0, 0, 10, 10);
  EXPECT_FLOAT_EQ(overlap(a, a), 1);
  EXPECT_FLOAT_EQ(overlap(a, {5, 0, 10, 10}), 50.0F / 150);
  EXPECT_FLOAT_EQ(overlap(a, {2, 2, 5, 5}), 0.25F);
  EXPECT_FLOAT_EQ(overlap_of_smaller(a, {2, 2, 5, 5}), 1);
  EXPECT_FLOAT_EQ(overlap_of_smaller(a, {5, 0, 10, 10}), 0.5F);
  for (const auto measure : {overlap, overlap_of_smaller}) {
    EXPECT_EQ(measure(a, {10, 0, 5, 5}), 0);
    EXPECT_EQ(measure(a, {3, 3, 0, 0}), 0);
    EXPECT_EQ(measure({}, {}), 0);
  }
}

TEST(SuppressTest, KeepsTheHighestScoreOfBoxesThatOverlap) {
  const std::vector<cv::Rect2f> boxes = {{0, 0, 10, 10}, {1, 0, 10, 10}, {30, 0, 10, 10}, {2, 0, 10, 10}};
  const std::vector<float> scores = {0.7F, 0.9F, 0.8F, 0.6F};
  EXPECT_THAT(suppress(boxes, scores, 0.5F), ElementsAre(1, 2));
  EXPECT_THAT(suppress(boxes, scores, 0.99F), ElementsAre(1, 2, 0, 3));
  EXPECT_THAT(suppress({}, {}, 0.5F), IsEmpty());
}

/// A chain a-b-c in which only neighbours overlap: what b suppressed does not suppress c.
TEST(SuppressTest, OnlyKeptBoxesSuppressOthers) {
  const std::vector<cv::Rect2f> chain = {{6, 0, 10, 10}, {0, 0, 10, 10}, {12, 0, 10, 10}};
  EXPECT_THAT(suppress(chain, std::vector{0.8F, 0.9F, 0.7F}, 0.2F), ElementsAre(1, 2));
}

TEST(SuppressTest, OfEqualScoresTheFirstStays) {
  const std::vector<cv::Rect2f> boxes = {{1, 0, 10, 10}, {0, 0, 10, 10}};
  EXPECT_THAT(suppress(boxes, std::vector{0.5F, 0.5F}, 0.5F), ElementsAre(0));
}

TEST(SuppressTest, AnOverlapAtTheThresholdIsNoneYet) {
  const std::vector<cv::Rect2f> halves = {{0, 0, 10, 10}, {0, 0, 10, 5}};
  EXPECT_THAT(suppress(halves, std::vector{0.9F, 0.8F}, 0.5F), ElementsAre(0, 1));
  EXPECT_THAT(suppress(halves, std::vector{0.9F, 0.8F}, 0.5F, overlap_of_smaller), ElementsAre(0));
}

TEST(MatchTest, PairsEachBoxOnceBestOverlapFirst) {
  const std::vector<cv::Rect2f> a = {{0, 0, 10, 10}, {2, 0, 10, 10}, {50, 50, 5, 5}};
  const std::vector<cv::Rect2f> b = {{2, 0, 10, 10}, {90, 90, 5, 5}};
  const auto pairs = match(a, b, 0.5F);
  ASSERT_EQ(pairs.size(), 1U);
  EXPECT_EQ(pairs[0].a, 1U);
  EXPECT_EQ(pairs[0].b, 0U);
  EXPECT_THAT(match(a, {}, 0.5F), IsEmpty());
  EXPECT_EQ(match(a, a, 1.0F).size(), 3U);
  EXPECT_THAT(match(a, std::vector<cv::Rect2f>{{200, 0, 1, 1}}, 0), IsEmpty()) << "boxes apart never match";
}

}  // namespace
}  // namespace fer
