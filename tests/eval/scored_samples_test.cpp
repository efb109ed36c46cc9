#include "fer/eval/scored_samples.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace fer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ScoredSamples two_samples() {
  ScoredSamples scored;
  scored.paths = {"a.jpg", "b.jpg"};
  scored.labels = {0, 1};
  scored.probabilities = {{1, 0}, {0.25F, 0.75F}};
  scored.uncalibrated = {{0.75F, 0.25F}, {0.5F, 0.5F}};
  scored.subjects = {"P1", "P2"};
  scored.attributes["sex"] = {"F", "M"};
  scored.measures["brightness"] = {100, 120};
  return scored;
}

TEST(AppendScoredSamples, PutsTheSecondBehindTheFirst) {
  ScoredSamples scored = two_samples();
  ScoredSamples more = two_samples();
  more.paths = {"c.jpg", "d.jpg"};
  more.labels = {1, 1};
  append(scored, more);
  EXPECT_THAT(scored.paths, ElementsAre("a.jpg", "b.jpg", "c.jpg", "d.jpg"));
  EXPECT_THAT(scored.labels, ElementsAre(0, 1, 1, 1));
  EXPECT_THAT(scored.probabilities, SizeIs(4));
  EXPECT_THAT(scored.uncalibrated, SizeIs(4));
  EXPECT_THAT(scored.subjects, ElementsAre("P1", "P2", "P1", "P2"));
  EXPECT_THAT(scored.attributes["sex"], ElementsAre("F", "M", "F", "M"));
  EXPECT_THAT(scored.measures["brightness"], ElementsAre(100, 120, 100, 120));
}

TEST(AppendScoredSamples, WhatOnlyOneSideHasIsNotKnownOfTheOther) {
  ScoredSamples scored = two_samples();
  ScoredSamples more = two_samples();
  more.attributes = {{"angle", {"S", "HL"}}};
  more.measures.clear();
  more.uncalibrated.clear();
  append(scored, more);
  EXPECT_THAT(scored.attributes["sex"], ElementsAre("F", "M", "", ""));
  EXPECT_THAT(scored.attributes["angle"], ElementsAre("", "", "S", "HL"));
  EXPECT_EQ(scored.measures["brightness"][1], 120);
  EXPECT_TRUE(std::isnan(scored.measures["brightness"][2]));
  EXPECT_THAT(scored.uncalibrated, IsEmpty()) << "half of it would be taken for all";
}

TEST(AppendScoredSamples, ToNothingIsACopy) {
  ScoredSamples scored;
  append(scored, two_samples());
  EXPECT_THAT(scored.uncalibrated, SizeIs(2));
  EXPECT_THAT(scored.attributes["sex"], ElementsAre("F", "M"));
  EXPECT_THAT(scored.measures["brightness"], ElementsAre(100, 120));
}

}  // namespace
}  // namespace fer
