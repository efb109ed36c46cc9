#include "fer/eval/agreement.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "fer/core/error.hpp"
#include "fer/core/random.hpp"
#include "support/error_text.hpp"
#include "support/golden.hpp"

namespace fer {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Pointwise;

constexpr double kClose = 1e-9;

TEST(FrameAgreement, equals_scikit_learn_with_and_without_weights) {
  for (const auto& one : golden_json("agreement.json", "frames")) {
    SCOPED_TRACE(one.at("name"));
    const auto human = one.at("human").get<std::vector<int>>();
    const auto model = one.at("model").get<std::vector<int>>();
    const auto weights = one.at("weights").get<std::vector<double>>();
    std::vector<Rating> ratings;
    for (std::size_t i = 0; i < human.size(); ++i)
      ratings.push_back({.human = human[i], .model = model[i], .weight = weights[i]});
    const FrameAgreement found = frame_agreement(ratings, one.at("categories"));

    EXPECT_EQ(found.frames, static_cast<std::int64_t>(human.size()));
    EXPECT_NEAR(found.share, one.at("share"), kClose);
    if (one.at("kappa").is_null()) {
      EXPECT_TRUE(std::isnan(found.kappa));
    } else {
      EXPECT_NEAR(found.kappa, one.at("kappa"), kClose);
    }
    for (std::size_t k = 0; k < found.per_category.size(); ++k) {
      const auto row = one.at("confusion").at(k).get<std::vector<double>>();
      EXPECT_THAT(found.confusion[k], Pointwise(DoubleNear(1e-6), row));
      EXPECT_NEAR(found.per_category[k].precision, one.at("precision").at(k), kClose);
      EXPECT_NEAR(found.per_category[k].recall, one.at("recall").at(k), kClose);
      EXPECT_NEAR(found.per_category[k].f1, one.at("f1").at(k), kClose);
      EXPECT_EQ(found.per_category[k].support, one.at("support").at(k));
    }
  }
}

TEST(FrameAgreement, prevalence_is_the_weighted_share_of_each_rater) {
  const std::vector<Rating> ratings = {{.human = 0, .model = 1, .weight = 3},
                                       {.human = 1, .model = 1, .weight = 1}};
  const FrameAgreement found = frame_agreement(ratings, 2);
  EXPECT_DOUBLE_EQ(found.per_category[0].prevalence, 0.75);
  EXPECT_DOUBLE_EQ(found.per_category[0].prevalence_of_model, 0);
  EXPECT_DOUBLE_EQ(found.per_category[1].prevalence_of_model, 1);
}

TEST(FrameAgreement, without_ratings_is_empty) {
  const FrameAgreement found = frame_agreement({}, 2);
  EXPECT_EQ(found.frames, 0);
  EXPECT_TRUE(std::isnan(found.kappa));
  EXPECT_FALSE(found.share_ci95);
}

TEST(FrameAgreement, refuses_what_is_out_of_range) {
  const auto rated = [](Rating rating) {
    return test::error_text(ErrorKind::failure, [&] { return frame_agreement(std::vector{rating}, 2); });
  };
  EXPECT_EQ(rated({.human = 2}), "categories 2 and 0 are not in 0..1");
  EXPECT_EQ(rated({.model = -1}), "categories 0 and -1 are not in 0..1");
  EXPECT_EQ(rated({.weight = 0}), "a frame cannot weigh 0");
  EXPECT_EQ(rated({.weight = std::numeric_limits<double>::infinity()}), "a frame cannot weigh inf");
}

/// Blocks of ten frames in which the model is right, or wrong, throughout.
std::vector<Rating> streaks(Rng& rng, int blocks, bool by_block) {
  std::vector<Rating> ratings;
  for (int block = 0; block < blocks; ++block) {
    const int wrong = rng.chance(0.3) ? 1 : 0;
    const int human = rng.chance(0.5) ? 1 : 0;
    for (int i = 0; i < 10; ++i) {
      ratings.push_back({.human = human,
                         .model = human ^ wrong,
                         .cluster = by_block ? std::to_string(block) : std::to_string(10 * block + i)});
    }
  }
  return ratings;
}

TEST(FrameAgreement, intervals_over_clusters_cover_the_truth_where_those_over_frames_do_not) {
  Rng rng(3);
  int share_covered = 0;
  int kappa_covered = 0;
  int covered_by_frames = 0;
  constexpr int kTrials = 200;
  for (int trial = 0; trial < kTrials; ++trial) {
    const Rng same = rng;
    Rng first = same;
    const auto blocks = frame_agreement(streaks(rng, 40, true), 2, {.resamples = 200});
    const auto frames = frame_agreement(streaks(first, 40, false), 2, {.resamples = 200});
    share_covered += blocks.share_ci95->low <= 0.7 && 0.7 <= blocks.share_ci95->high;
    kappa_covered += blocks.kappa_ci95->low <= 0.4 && 0.4 <= blocks.kappa_ci95->high;
    covered_by_frames += frames.share_ci95->low <= 0.7 && 0.7 <= frames.share_ci95->high;
  }
  EXPECT_GT(share_covered, kTrials * 0.88);
  EXPECT_GT(kappa_covered, kTrials * 0.88);
  EXPECT_LT(covered_by_frames, kTrials * 0.7);
}

TEST(ClustersOfMoments, are_blocks_of_time_of_each_track_where_tracks_are_few) {
  const std::vector<RatedMoment> moments = {{"a", 0}, {"a", 4.9}, {"a", 5}, {"b", 0.1}};
  const Clusters clusters = clusters_of(moments, 5);
  EXPECT_EQ(clusters.by, "block");
  EXPECT_THAT(clusters.names, ElementsAre("a 0", "a 0", "a 1", "b 0"));
}

TEST(ClustersOfMoments, are_tracks_where_there_are_ten) {
  std::vector<RatedMoment> moments;
  for (int i = 0; i < 10; ++i) moments.push_back({.track = std::to_string(i), .timestamp = 10.0 * i});
  EXPECT_EQ(clusters_of(moments, 5).by, "track");
  EXPECT_EQ(clusters_of(moments, 5).names[3], "3");
  moments.pop_back();
  EXPECT_EQ(clusters_of(moments, 5).by, "block");
}

TEST(ClustersOfMoments, want_a_length) {
  EXPECT_EQ(test::error_text(ErrorKind::usage, [] { return clusters_of({}, 0); }),
            "blocks of 0 s: expected more than 0");
}

TEST(StratumWeights, share_the_frames_of_a_stratum_among_those_rated) {
  const std::vector<DrawnFrame> drawn = {{"happy", 10}, {"happy", 10}, {"sad", 3}};
  EXPECT_THAT(stratum_weights(std::vector<std::string>{"sad", "happy"}, drawn), ElementsAre(3, 20));
  EXPECT_THAT(stratum_weights(std::vector<std::string>{"happy", "happy"}, drawn), ElementsAre(10, 10));
  EXPECT_THROW(stratum_weights(std::vector<std::string>{"fear"}, drawn), Error);
}

TEST(StratumWeights, bring_back_the_kappa_of_all_frames) {
  // 20,000 frames, mostly neutral; equal numbers are drawn from what the model says
  Rng rng(5);
  std::vector<Rating> all;
  std::vector<std::vector<Rating>> by_model(3);
  for (int i = 0; i < 20000; ++i) {
    const int human = rng.chance(0.9) ? 0 : rng.chance(0.5) ? 1 : 2;
    const int model = rng.chance(0.8) ? human : static_cast<int>(rng.below(3));
    all.push_back({.human = human, .model = model});
    by_model[static_cast<std::size_t>(model)].push_back(all.back());
  }
  const double truth = frame_agreement(all, 3).kappa;

  double weighted = 0;
  double unweighted = 0;
  constexpr int kTrials = 100;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::vector<Rating> sample;
    std::vector<std::string> strata;
    std::vector<DrawnFrame> drawn;
    for (auto& stratum : by_model) {
      rng.shuffle(std::span(stratum));
      for (int i = 0; i < 100; ++i) {
        sample.push_back(stratum[static_cast<std::size_t>(i)]);
        strata.push_back(std::to_string(sample.back().model));
        drawn.push_back({strata.back(), static_cast<double>(stratum.size()) / 100});
      }
    }
    unweighted += frame_agreement(sample, 3, {.resamples = 1}).kappa / kTrials;
    const auto weights = stratum_weights(strata, drawn);
    for (std::size_t i = 0; i < sample.size(); ++i) sample[i].weight = weights[i];
    weighted += frame_agreement(sample, 3, {.resamples = 1}).kappa / kTrials;
  }
  EXPECT_NEAR(weighted, truth, 0.01);
  EXPECT_GT(std::abs(unweighted - truth), 0.05);
}

}  // namespace
}  // namespace fer
