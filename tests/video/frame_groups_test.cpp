#include "frame_groups.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/error_text.hpp"
#include "video/scripted_source.hpp"

namespace fer {
namespace {

using test::ScriptedSource;
using test::times_at;
using ::testing::Each;
using ::testing::ElementsAre;

using Indices = std::vector<std::int64_t>;

struct Groups {
  std::vector<Indices> frames;
  std::vector<bool> new_shots;
  std::vector<double> looked_at;  ///< times of the last frames

  std::vector<std::size_t> sizes() const {
    std::vector<std::size_t> sizes;
    for (const Indices& group : frames) sizes.push_back(group.size());
    return sizes;
  }
};

Groups all_of(FrameGroups& groups) {
  Groups result;
  while (const auto group = groups.next()) {
    Indices indices;
    for (const SampledImage& sampled : group->frames) {
      EXPECT_EQ(test::index_of(sampled.image), sampled.frame.index);
      indices.push_back(sampled.frame.index);
    }
    result.frames.push_back(indices);
    result.new_shots.push_back(group->new_shot);
    result.looked_at.push_back(group->frames.back().frame.timestamp);
  }
  EXPECT_FALSE(groups.next()) << "the end is the end";
  return result;
}

Groups groups_of(ScriptedSource source, AnalysisOptions options) {
  FrameGroups groups(source, options, {});
  return all_of(groups);
}

AnalysisOptions every_frame(int detect_every = 0) {
  return {.sampling = {.method = SamplingMethod::all}, .detect_every = detect_every};
}

class GroupsAtRate : public ::testing::TestWithParam<double> {};
INSTANTIATE_TEST_SUITE_P(FramesPerSecond, GroupsAtRate, ::testing::Values(1, 5, 12, 25, 29.97, 30, 60));

TEST_P(GroupsAtRate, EndWithTheFirstFrameATenthOfASecondAfterTheLastOne) {
  const double fps = GetParam();
  const Groups groups = groups_of(ScriptedSource(times_at(fps, 100)), every_frame());
  for (std::size_t i = 1; i + 1 < groups.frames.size(); ++i) {
    const double span = groups.looked_at[i] - groups.looked_at[i - 1];
    EXPECT_GE(span, 0.1 - kTimeTolerance) << i;
    EXPECT_LT(span - 1 / fps, 0.1) << i;
  }
}

TEST(FrameGroups, BeginWithASingleFrameAndHoldEachFrameOnce) {
  const Groups groups = groups_of(ScriptedSource(times_at(30, 12)), every_frame());
  EXPECT_THAT(groups.frames,
              ElementsAre(Indices{0}, Indices{1, 2, 3}, Indices{4, 5, 6}, Indices{7, 8, 9}, Indices{10, 11}));
  EXPECT_THAT(groups.new_shots, ElementsAre(true, false, false, false, false));
}

TEST(FrameGroups, HoldNoMoreThanEightFramesAtAnyRate) {
  const Groups groups = groups_of(ScriptedSource(times_at(240, 26)), every_frame());
  EXPECT_THAT(groups.sizes(), ElementsAre(1, 8, 8, 8, 1));
}

TEST(FrameGroups, RoundedTimesChangeNothing) {
  std::vector<double> times = times_at(30, 200);
  for (double& time : times) time = std::floor(1000 * time) / 1000;
  EXPECT_EQ(groups_of(ScriptedSource(times), every_frame()).frames,
            groups_of(ScriptedSource(times_at(30, 200)), every_frame()).frames);
}

TEST(FrameGroups, ALateStartChangesNothing) {
  std::vector<double> times = times_at(30, 50);
  for (double& time : times) time += 1000;
  EXPECT_EQ(groups_of(ScriptedSource(times), every_frame()).frames,
            groups_of(ScriptedSource(times_at(30, 50)), every_frame()).frames);
}

TEST(FrameGroups, HoldAsManyFramesAsAskedFor) {
  EXPECT_THAT(groups_of(ScriptedSource(times_at(30, 5)), every_frame(1)).sizes(), Each(1U));
  EXPECT_THAT(groups_of(ScriptedSource(times_at(30, 11)), every_frame(4)).sizes(), ElementsAre(1, 4, 4, 2));
  EXPECT_THAT(groups_of(ScriptedSource(times_at(2, 9)), every_frame(4)).sizes(), ElementsAre(1, 4, 4));
}

TEST(FrameGroups, BothSidesOfACutAreLookedAt) {
  for (const int every : {0, 3, 4, 64}) {
    for (const std::int64_t cut : {1, 2, 3, 4, 5, 9}) {
      const Groups groups = groups_of(ScriptedSource(times_at(30, 10), {cut}), every_frame(every));
      bool before = false;
      bool after = false;
      for (std::size_t i = 0; i < groups.frames.size(); ++i) {
        before |= groups.frames[i].back() == cut - 1;
        if (groups.frames[i].front() != cut) continue;
        after = true;
        EXPECT_TRUE(groups.new_shots[i]);
        EXPECT_EQ(groups.frames[i].size(), 1U);
      }
      EXPECT_TRUE(before && after) << "detection every " << every << " frames, cut at " << cut;
    }
  }
}

TEST(FrameGroups, CutsInARowAreShotsOfOneFrame) {
  ScriptedSource source(times_at(30, 7), {3, 4});
  FrameGroups groups(source, every_frame(10), {});
  EXPECT_THAT(all_of(groups).frames,
              ElementsAre(Indices{0}, Indices{1, 2}, Indices{3}, Indices{4}, Indices{5, 6}));
  EXPECT_EQ(groups.cuts(), 2);
}

TEST(FrameGroups, ACutBetweenSampledFramesBeginsAShotWithTheNextOne) {
  ScriptedSource source(times_at(30, 50), {15, 17});
  FrameGroups groups(source, {.sampling = {.fps = 3}, .detect_every = 4}, {});
  const Groups found = all_of(groups);
  EXPECT_THAT(found.frames, ElementsAre(Indices{0}, Indices{10}, Indices{20}, Indices{30, 40}));
  EXPECT_THAT(found.new_shots, ElementsAre(true, false, true, false));
  EXPECT_EQ(groups.cuts(), 2);
  EXPECT_EQ(groups.frames_total(), 50);
}

TEST(FrameGroups, FollowFromTheRecordingAlone) {
  std::vector<double> times;
  for (int i = 0; i < 200; ++i) times.push_back((times.empty() ? 0 : times.back()) + 0.01 * (1 + i * i % 7));
  const ScriptedSource source(times, {33, 34, 120});
  const Groups plain = groups_of(source, every_frame());
  AnalysisOptions options = every_frame();
  options.batch_size = 1;
  options.threads = 8;
  options.target = FaceTarget::largest;
  EXPECT_EQ(groups_of(source, options).frames, plain.frames);
}

TEST(FrameGroups, NothingOfAnExcerptIsNothing) {
  AnalysisOptions options = every_frame();
  options.sampling.start = 100;
  EXPECT_TRUE(groups_of(ScriptedSource(times_at(30, 10)), options).frames.empty());
  EXPECT_TRUE(groups_of(ScriptedSource({}), every_frame()).frames.empty());
}

TEST(FrameGroups, AnExcerptEndsReading) {
  ScriptedSource source(times_at(10, 100));
  AnalysisOptions options = every_frame();
  options.sampling.start = 1;
  options.sampling.end = 2;
  FrameGroups groups(source, options, {});
  const Groups found = all_of(groups);
  EXPECT_THAT(found.frames.front(), ElementsAre(10));
  EXPECT_TRUE(found.new_shots.front());
  EXPECT_THAT(found.frames.back(), ElementsAre(19));
  EXPECT_EQ(groups.frames_total(), 20);
}

TEST(FrameGroups, ProgressCountsDecodedFramesAndStopEndsThem) {
  ScriptedSource source(times_at(30, 100));
  std::vector<std::size_t> done;
  FrameGroups groups(source, every_frame(4),
                     {.progress =
                          [&](std::size_t frames, std::size_t total) {
                            done.push_back(frames);
                            EXPECT_EQ(total, 100U);
                          },
                      .stop = [&] { return done.size() == 7; }});
  EXPECT_THAT(all_of(groups).sizes(), ElementsAre(1, 4, 2)) << "what was read until then is not lost";
  EXPECT_TRUE(groups.stopped());
  EXPECT_THAT(done, ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_EQ(groups.frames_total(), 7);
}

TEST(FrameGroups, ProgressExpectsNoFramesAfterTheEndOfAnExcerpt) {
  ScriptedSource source(times_at(25, 100), {}, 4.0);
  AnalysisOptions options = every_frame(1);
  options.sampling.end = 1;
  std::size_t expected = 0;
  std::size_t read = 0;
  FrameGroups groups(source, options, {.progress = [&](std::size_t done, std::size_t total) {
                       read = done;
                       expected = total;
                     }});
  all_of(groups);
  EXPECT_EQ(expected, 25U);
  EXPECT_EQ(read, 25U);
}

TEST(FrameGroups, FramesAreEstimatedFromWhatTheContainerSays) {
  constexpr double kEnd = std::numeric_limits<double>::infinity();
  EXPECT_EQ((VideoFacts{.fps = 25, .duration_seconds = 10, .frames_announced = 240}.frames_before(kEnd)),
            240);
  EXPECT_EQ((VideoFacts{.fps = 25, .duration_seconds = 10}.frames_before(kEnd)), 250);
  EXPECT_EQ((VideoFacts{.fps = 25, .duration_seconds = 10, .frames_announced = 240}.frames_before(5)), 120);
  EXPECT_EQ((VideoFacts{.frames_announced = 240}.frames_before(5)), 240);
  EXPECT_EQ(VideoFacts{}.frames_before(kEnd), 0);
}

TEST(FrameGroups, ANegativeStepIsAUsageError) {
  ScriptedSource source({0});
  EXPECT_EQ(test::error_text(ErrorKind::usage, [&] { return FrameGroups(source, every_frame(-1), {}); }),
            "detection every -1 frames, expected 0 to 64");
}

bool vary(const std::vector<double>& times) {
  FrameIntervals intervals;
  for (const double time : times) intervals.add(time);
  return intervals.vary();
}

TEST(FrameIntervals, RoundingAnEvenRateIsNoVariation) {
  for (const double fps : {3.0, 23.976, 30.0, 60.0, 240.0}) {
    std::vector<double> times = times_at(fps, 500);
    EXPECT_FALSE(vary(times)) << fps;
    for (double& time : times) time = std::round(1000 * time) / 1000;
    EXPECT_FALSE(vary(times)) << fps;
  }
}

TEST(FrameIntervals, OneLostFrameIsAVariation) {
  std::vector<double> times = times_at(30, 100);
  times.erase(times.begin() + 50);
  EXPECT_TRUE(vary(times));
}

TEST(FrameIntervals, OneOrTwoFramesDoNotVary) {
  EXPECT_FALSE(vary({}));
  EXPECT_FALSE(vary({5}));
  EXPECT_FALSE(vary({5, 7}));
}

}  // namespace
}  // namespace fer
