#include <gmock/gmock.h>

#include "fer/core/random.hpp"
#include "fer/eval/groups.hpp"

namespace fer {
namespace {

using testing::IsEmpty;

const ClassList kTwo({"happy", "sad"});

/// Adds samples of a group, of which so many are right.
void add(ScoredSamples& scored, const std::string& attribute, const std::string& value, int samples,
         int right) {
  for (int i = 0; i < samples; ++i) {
    scored.paths.push_back(std::to_string(scored.paths.size()));
    scored.labels.push_back(0);
    scored.probabilities.push_back(i < right ? std::vector<float>{0.9F, 0.1F}
                                             : std::vector<float>{0.1F, 0.9F});
    scored.subjects.emplace_back();
    scored.attributes[attribute].push_back(value);
  }
}

TEST(GroupGaps, of_two_groups_is_their_comparison) {
  ScoredSamples scored;
  add(scored, "sex", "F", 50, 30);
  add(scored, "sex", "M", 60, 54);
  const auto gaps = group_gaps(scored, kTwo);
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].attribute, "sex");
  EXPECT_EQ(gaps[0].best, "M");
  EXPECT_EQ(gaps[0].worst, "F");
  EXPECT_EQ(gaps[0].groups, 2U);
  const AccuracyDifference compared = analyse_groups(scored, kTwo)[1].compared->difference;
  EXPECT_DOUBLE_EQ(gaps[0].difference.value, compared.value);
  EXPECT_DOUBLE_EQ(gaps[0].difference.ci95.low, compared.ci95.low);
  EXPECT_DOUBLE_EQ(gaps[0].difference.ci95.high, compared.ci95.high);
  EXPECT_TRUE(gaps[0].differs);
}

TEST(GroupGaps, of_several_groups_have_an_interval_for_all_pairs_together) {
  ScoredSamples scored;
  add(scored, "ethnicity", "asian", 100, 62);
  add(scored, "ethnicity", "black", 80, 60);
  add(scored, "ethnicity", "white", 200, 164);
  add(scored, "ethnicity", "other", 6, 0);  // too few to be the worst
  const auto gaps = group_gaps(scored, kTwo);
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_EQ(gaps[0].best, "white");
  EXPECT_EQ(gaps[0].worst, "asian");
  EXPECT_EQ(gaps[0].groups, 3U);
  EXPECT_NEAR(gaps[0].difference.value, 0.20, 1e-12);
  // Newcombe's method 10 with scipy.stats.norm.ppf(1 - 0.05 / 3 / 2) = 2.393979800
  EXPECT_NEAR(gaps[0].difference.ci95.low, 0.0703557573, 1e-9);
  EXPECT_NEAR(gaps[0].difference.ci95.high, 0.3320768858, 1e-9);
}

TEST(GroupGaps, need_two_groups_large_enough) {
  ScoredSamples scored;
  add(scored, "sex", "F", 50, 30);
  add(scored, "sex", "M", 19, 10);
  EXPECT_THAT(group_gaps(scored, kTwo), IsEmpty());
}

TEST(GroupGaps, of_noise_differ_in_five_of_a_hundred_draws_at_most) {
  constexpr int kDraws = 400;
  int flagged = 0;
  for (int draw = 0; draw < kDraws; ++draw) {
    ScoredSamples scored;
    Rng rng = Rng::of(1, static_cast<std::uint64_t>(draw), 0);
    for (const char* value : {"a", "b", "c", "d", "e"}) {
      int right = 0;
      for (int i = 0; i < 60; ++i) right += rng.chance(0.7) ? 1 : 0;
      add(scored, "group", value, 60, right);
    }
    const auto gaps = group_gaps(scored, kTwo);
    ASSERT_EQ(gaps.size(), 1U);
    flagged += gaps[0].differs ? 1 : 0;
  }
  EXPECT_LE(flagged, kDraws * 5 / 100);
}

TEST(GroupGaps, are_by_subject_where_subjects_are_known) {
  ScoredSamples scored;
  add(scored, "sex", "F", 60, 30);
  add(scored, "sex", "M", 60, 54);
  const double independent = group_gaps(scored, kTwo)[0].difference.ci95.low;
  for (std::size_t i = 0; i < 120; ++i)
    scored.subjects[i] = std::to_string(i / 10);  // all right or all wrong
  const auto gaps = group_gaps(scored, kTwo);
  ASSERT_EQ(gaps.size(), 1U);
  EXPECT_LT(gaps[0].difference.ci95.low, independent - 0.05);
}

}  // namespace
}  // namespace fer
