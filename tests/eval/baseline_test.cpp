#include "fer/eval/baseline.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "fer/core/random.hpp"
#include "support/error_text.hpp"

namespace fer {
namespace {

using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

constexpr int kClasses = 7;
constexpr int kAngry = 0;
constexpr int kHappy = 3;
constexpr int kNeutral = 6;
const std::vector<float> kAtRest = {1 / 12.F, 1 / 12.F, 1 / 12.F, 1 / 12.F, 1 / 12.F, 1 / 12.F, 0.5F};

/// `angry`, `neutral`, and the rest even.
std::vector<float> face(float angry, float neutral) {
  std::vector<float> row(kClasses, (1 - angry - neutral) / 5);
  row[kAngry] = angry;
  row[kNeutral] = neutral;
  return row;
}

std::vector<float> random_face(Rng& rng) {
  std::vector<float> row(kClasses);
  for (float& p : row) p = static_cast<float>(std::exp(2 * rng.normal()));
  const float sum = std::accumulate(row.begin(), row.end(), 0.0F);
  for (float& p : row) p /= sum;
  return row;
}

int label(const std::vector<float>& row) {
  return static_cast<int>(std::ranges::max_element(row) - row.begin());
}

TEST(Baseline, TheFaceAtRestComesOutNeutralWhateverItLooksLike) {
  Rng rng(1);
  for (int trial = 0; trial < 100; ++trial) {
    const auto rest = random_face(rng);
    EXPECT_THAT(relative_to(neutral_baseline(rest, kClasses, kNeutral), rest),
                Pointwise(FloatNear(1e-6F), kAtRest));
  }
  for (const float angry : {0.0F, 0.001F, 1.0F}) {
    const auto rest = face(angry, 1 - angry);
    EXPECT_THAT(relative_to(neutral_baseline(rest, kClasses, kNeutral), rest),
                Pointwise(FloatNear(1e-6F), kAtRest));
  }
}

TEST(Baseline, TheMeanOfUnsteadyFramesIsNeutralToo) {
  Rng rng(2);
  std::vector<float> rows;
  for (int i = 0; i < 200; ++i) {
    const auto angry = static_cast<float>(rng.uniform(0.5, 0.7));
    const auto row = face(angry, 0.9F - angry);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  const auto result = relative_to(neutral_baseline(rows, kClasses, kNeutral), face(0.6F, 0.3F));
  EXPECT_EQ(label(result), kNeutral);
  EXPECT_NEAR(result[kNeutral], 0.5, 0.02);
}

TEST(Baseline, WhoLooksAngryAtRestIsAngryOnlyWhenAngrier) {
  const auto rest = face(0.6F, 0.3F);
  const auto baseline = neutral_baseline(rest, kClasses, kNeutral);
  EXPECT_EQ(label(relative_to(baseline, rest)), kNeutral);
  EXPECT_EQ(label(relative_to(baseline, face(0.65F, 0.28F))), kNeutral);
  EXPECT_EQ(label(relative_to(baseline, face(0.95F, 0.02F))), kAngry);
  auto smile = face(0.3F, 0.1F);
  smile[kHappy] = 0.5F;
  EXPECT_EQ(label(relative_to(baseline, smile)), kHappy);
}

/// What the model never says at rest must not become all that is seen: 0.1 % stays small.
TEST(Baseline, AClassThatIsNeverSeenAtRestDoesNotExplode) {
  auto rest = face(0, 1);
  const auto baseline = neutral_baseline(rest, kClasses, kNeutral);
  auto row = face(0, 0.98F);
  row[kHappy] = 0.02F;
  const auto result = relative_to(baseline, row);
  EXPECT_EQ(label(result), kNeutral);
  EXPECT_LT(result[kHappy], 0.2F);
}

TEST(Baseline, ShiftsNoOddsByMoreThanItsLimit) {
  Rng rng(3);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<float> rest(kClasses, 0.0F);
    rest[rng.below(kClasses)] = 1;
    const auto flat = std::vector<float>(kClasses, 1.0F / kClasses);
    const auto result = relative_to(neutral_baseline(rest, kClasses, kNeutral), flat);
    for (std::size_t k = 0; k < kClasses; ++k)
      for (std::size_t j = 0; j < kClasses; ++j)
        EXPECT_LE(result[k] / kAtRest[k] / (result[j] / kAtRest[j]), 64.01F);
  }
}

TEST(Baseline, KeepsTheOrderOfEachClassAndSumsToOne) {
  Rng rng(4);
  for (int trial = 0; trial < 200; ++trial) {
    const auto baseline = neutral_baseline(random_face(rng), kClasses, kNeutral);
    const auto row = random_face(rng);
    const auto more = rng.below(kClasses);
    auto raised = row;
    for (float& p : raised) p *= 0.7F;
    raised[more] += 0.3F;
    const auto before = relative_to(baseline, row);
    const auto after = relative_to(baseline, raised);
    EXPECT_GT(after[more], before[more]);
    EXPECT_NEAR(std::accumulate(after.begin(), after.end(), 0.0), 1, 1e-6);
  }
}

TEST(Baseline, SaysWhatItCannotUse) {
  const auto rest = face(0.1F, 0.5F);
  EXPECT_THAT(test::error_text(ErrorKind::data, [] { return neutral_baseline({}, kClasses, kNeutral); }),
              HasSubstr("shows no face"));
  EXPECT_THAT(test::error_text(ErrorKind::failure, [&] { return neutral_baseline(rest, 6, 5); }),
              HasSubstr("not whole rows"));
  EXPECT_THAT(test::error_text(ErrorKind::failure, [&] { return neutral_baseline(rest, 7, 7); }),
              HasSubstr("neutral is class 7 of 7"));
  EXPECT_THAT(
      test::error_text(ErrorKind::failure, [&] { return neutral_baseline(face(std::nanf(""), 1), 7, 6); }),
      HasSubstr("not finite"));
  const auto baseline = neutral_baseline(rest, kClasses, kNeutral);
  EXPECT_THAT(test::error_text(ErrorKind::failure,
                               [&] {
                                 return relative_to(baseline, std::vector{0.5F, 0.5F});
                               }),
              HasSubstr("2 probabilities against a baseline of 7"));
}

}  // namespace
}  // namespace fer
