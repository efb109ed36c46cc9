#include "votes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fer {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::IsEmpty;

/// FER+'s columns, in its order.
VoteRule fer_plus() {
  return {.columns = {"neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"},
          .others = {"unknown", "NF"},
          .min_votes = 2,
          .majority = 0.5};
}

VoteResult count(const std::vector<double>& votes, const VoteRule& rule = fer_plus(),
                 const LabelMap& labels = ClassList()) {
  return count_votes(rule, std::span(votes).first(8), std::span(votes).last(2), labels);
}

testing::Matcher<std::vector<float>> shares(float angry, float disgust, float fear, float happy, float sad,
                                            float surprise, float neutral) {
  return ElementsAre(FloatEq(angry), FloatEq(disgust), FloatEq(fear), FloatEq(happy), FloatEq(sad),
                     FloatEq(surprise), FloatEq(neutral));
}

TEST(Votes, MakeALabelAndTheShareOfEachClass) {
  const VoteResult result = count({0, 0, 6, 0, 0, 0, 4, 0, 0, 0});
  EXPECT_EQ(result.label, 5);
  EXPECT_THAT(result.shares, shares(0, 0, 0.4F, 0, 0, 0.6F, 0));
  EXPECT_EQ(result.reason, "");
}

TEST(Votes, ASingleOneCountsAsNone) {
  EXPECT_THAT(count({6, 0, 1, 0, 1, 0, 0, 0, 2, 0}).shares, shares(0, 0, 0, 0, 0, 0, 1));
  EXPECT_EQ(count({1, 1, 1, 1, 1, 1, 1, 1, 1, 1}).reason, "nothing has votes enough");
  VoteRule all = fer_plus();
  all.min_votes = 0;
  EXPECT_THAT(count({6, 0, 1, 0, 1, 0, 0, 0, 2, 0}, all).shares, shares(0.125F, 0, 0, 0, 0, 0.125F, 0.75F));
}

TEST(Votes, TheLabelNeedsAMajorityOfAll) {
  EXPECT_EQ(count({4, 0, 0, 4, 2, 0, 0, 0, 0, 0}).reason, "nothing has more than 50 % of the votes");
  EXPECT_EQ(count({5, 0, 0, 3, 0, 0, 0, 0, 2, 0}).reason, "nothing has more than 50 % of the votes");
  EXPECT_EQ(count({5, 0, 0, 3, 0, 0, 0, 0, 1, 1}).label, 6);  // 5 of 8
  VoteRule any = fer_plus();
  any.majority = 0;
  EXPECT_EQ(count({4, 0, 0, 4, 2, 0, 0, 0, 0, 0}, any).label, 4);  // sad stands before neutral
}

TEST(Votes, MostOfThemForWhatIsNoClassLeaveTheImageOut) {
  EXPECT_EQ(count({3, 0, 0, 0, 0, 0, 0, 0, 0, 7}).reason, "most votes are for 'NF'");
  VoteRule any = fer_plus();
  any.majority = 0;
  EXPECT_EQ(count({5, 0, 0, 0, 0, 0, 0, 0, 5, 0}, any).reason, "most votes are for 'unknown'");
}

TEST(Votes, ClassesThatAreNotWantedDropOutAndTheOthersAddUpToOne) {
  EXPECT_THAT(count({6, 0, 0, 2, 0, 0, 0, 2, 0, 0}).shares, shares(0, 0, 0, 0, 0.25F, 0, 0.75F));
  const VoteResult unknown = count({2, 0, 0, 0, 0, 0, 0, 8, 0, 0});
  EXPECT_EQ(unknown.reason, "its emotion 'contempt' is no class");
  EXPECT_EQ(unknown.unknown_class, "contempt");
  EXPECT_THAT(unknown.shares, IsEmpty());
  const VoteResult left_out =
      count({2, 0, 0, 0, 0, 0, 0, 8, 0, 0}, fer_plus(), LabelMap(ClassList(), {{"contempt", "-"}}));
  EXPECT_EQ(left_out.reason, "its emotion 'contempt' is left out");
  EXPECT_EQ(left_out.unknown_class, "");
}

TEST(Votes, WordsOfOneClassAreAddedUp) {
  const LabelMap labels(ClassList(), {{"contempt", "disgust"}});
  EXPECT_THAT(count({0, 0, 0, 0, 0, 6, 0, 4, 0, 0}, fer_plus(), labels).shares, shares(0, 1, 0, 0, 0, 0, 0));
}

}  // namespace
}  // namespace fer
