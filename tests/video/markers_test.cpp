#include "fer/video/markers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fer/video/summary.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"
#include "video/made_analysis.hpp"

namespace fer {
namespace {

using test::happy;
using test::made_analysis;
using test::neutral;
using test::one_face;
using test::sad;
using test::TempFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<Marker> read(std::string_view text) {
  const TempFolder folder;
  return read_markers(folder.write("markers.csv", text));
}

TEST(Markers, AreReadByTheNamesOfTheColumns) {
  const auto markers =
      read("Condition,note, start ,END,video\nfilm A,x,1.5, 4 ,a.mp4\n\"film, B\",,0,1e1, b \n");
  ASSERT_EQ(markers.size(), 2U);
  EXPECT_EQ(markers[0].video, "a.mp4");
  EXPECT_EQ(markers[0].start, 1.5);
  EXPECT_EQ(markers[0].end, 4);
  EXPECT_EQ(markers[0].condition, "film A");
  EXPECT_EQ(markers[1].video, "b");
  EXPECT_EQ(markers[1].end, 10);
  EXPECT_EQ(markers[1].condition, "film, B");
}

TEST(Markers, AListWithoutRowsIsNoMarkers) { EXPECT_THAT(read("video,start,end,condition\n"), IsEmpty()); }

TEST(Markers, AMissingColumnIsNamedWithThoseThereAre) {
  EXPECT_THAT(test::error_text(ErrorKind::data, [] { return read("video,start,condition\n"); }),
              HasSubstr("markers.csv:1: there is no column 'end' (found: video, start, condition)"));
}

TEST(Markers, WhatIsWrongIsNamedWithItsLine) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"a,x,2,c", "markers.csv:3: 'x' is no number of seconds (column 'start')"},
      {"a,1,,c", "markers.csv:3: '' is no number of seconds (column 'end')"},
      {"a,1,2s,c", "'2s' is no number"},
      {"a,-1,2,c", "'-1' is no number of seconds (column 'start')"},
      {"a,nan,2,c", "'nan' is no number of seconds (column 'start')"},
      {"a,2,2,c", "markers.csv:3: from 2 to 2 s: expected an end after the start"},
      {"a,3,2,c", "markers.csv:3: from 3 to 2 s: expected an end after the start"},
      {"a,1,2,  ", "markers.csv:3: no condition is named"},
      {"a,1,2", "markers.csv:3: expected 4 fields, found 3"}};
  for (const auto& [row, message] : wrong) {
    EXPECT_THAT(
        test::error_text(ErrorKind::data,
                         [&, row = row] { return read("video,start,end,condition\na,0,1,ok\n" + row); }),
        HasSubstr(message));
  }
}

TEST(Markers, AMissingListIsADataErrorThatNamesIt) {
  EXPECT_THAT(test::error_text(ErrorKind::data, [] { return read_markers("/nowhere/markers.csv"); }),
              HasSubstr("/nowhere/markers.csv: "));
}

TEST(Markers, AreAboutTheVideoOfThatNameOrEveryOne) {
  EXPECT_TRUE(is_about({.video = "a.mp4"}, "a.mp4"));
  EXPECT_TRUE(is_about({.video = "a"}, "a.mp4"));
  EXPECT_TRUE(is_about({.video = "a.b"}, "a.b.mp4"));
  EXPECT_TRUE(is_about({.video = ""}, "a.mp4"));
  EXPECT_TRUE(is_about({.video = "take.1"}, "take.1")) << "a folder of pictures";
  EXPECT_FALSE(is_about({.video = "a"}, "a.b.mp4"));
  EXPECT_FALSE(is_about({.video = "a.mov"}, "a.mp4"));
  EXPECT_FALSE(is_about({.video = "A"}, "a.mp4"));
}

// 0 to 0.7 s: four happy frames, four sad ones, the third without a face
VideoAnalysis happy_then_sad() {
  VideoAnalysis analysis =
      made_analysis(one_face({happy(), happy(), happy(), happy(), sad(), sad(), sad(), sad(0.6F)}));
  analysis.frames[2].faces.clear();
  return analysis;
}

TEST(Conditions, CountTheFramesFromTheStartToBeforeTheEnd) {
  const auto summary =
      summarise(happy_then_sad(), std::vector<Marker>{{.start = 0.1, .end = 0.5, .condition = "film"}});
  ASSERT_EQ(summary.conditions.size(), 1U);
  const ConditionSummary& film = summary.conditions[0];
  EXPECT_EQ(film.condition, "film");
  EXPECT_EQ(film.frames_sampled, 4);
  EXPECT_EQ(film.frames_with_face, 3);
  EXPECT_THAT(film.counts.distribution, ElementsAre(2, 1, 0));
  EXPECT_EQ(film.counts.dominant, 0);
  EXPECT_NEAR(*film.counts.dominant_share, 2.0 / 3, 1e-9);
  EXPECT_NEAR(*film.counts.mean_confidence, 0.8, 1e-6);
  EXPECT_NEAR(film.counts.seconds[0], 0.2, 1e-9);
  EXPECT_EQ(film.counts.transitions[0][1], 1);
}

TEST(Conditions, ComeInTheOrderOfTheirFirstMarkersOfThisVideo) {
  const std::vector<Marker> markers = {{.video = "b", .start = 0, .end = 1, .condition = "other"},
                                       {.video = "a", .start = 0.4, .end = 0.8, .condition = "second"},
                                       {.video = "a.mp4", .start = 0, .end = 0.2, .condition = "first"},
                                       {.start = 0.2, .end = 0.4, .condition = "second"}};
  const auto summary = summarise(happy_then_sad(), markers);
  ASSERT_EQ(summary.conditions.size(), 2U);
  EXPECT_EQ(summary.conditions[0].condition, "second");
  EXPECT_EQ(summary.conditions[0].frames_sampled, 6);
  EXPECT_EQ(summary.conditions[1].condition, "first");
  EXPECT_EQ(summary.conditions[1].frames_sampled, 2);
}

TEST(Conditions, AFrameUnderTwoMarkersOfOneConditionCountsOnce) {
  const std::vector<Marker> markers = {{.start = 0, .end = 0.3, .condition = "film"},
                                       {.start = 0.1, .end = 0.4, .condition = "film"}};
  EXPECT_EQ(summarise(happy_then_sad(), markers).conditions[0].frames_sampled, 4);
}

TEST(Conditions, WhatChangesBetweenTwoStretchesIsNoTransitionOfTheirs) {
  const std::vector<Marker> markers = {{.start = 0, .end = 0.2, .condition = "film"},
                                       {.start = 0.2, .end = 0.6, .condition = "break"},
                                       {.start = 0.6, .end = 0.8, .condition = "film"}};
  const auto summary = summarise(happy_then_sad(), markers);
  EXPECT_THAT(summary.conditions[0].counts.distribution, ElementsAre(2, 2, 0));
  EXPECT_EQ(summary.conditions[0].counts.transitions[0][1], 0) << "it happened in the break";
  EXPECT_EQ(summary.conditions[1].counts.transitions[0][1], 1);
}

TEST(Conditions, OneWithoutFramesHasNoDominantEmotion) {
  const auto summary =
      summarise(happy_then_sad(), std::vector<Marker>{{.start = 50, .end = 60, .condition = "late"}});
  ASSERT_EQ(summary.conditions.size(), 1U);
  EXPECT_EQ(summary.conditions[0].frames_sampled, 0);
  EXPECT_THAT(summary.conditions[0].counts.distribution, ElementsAre(0, 0, 0));
  EXPECT_FALSE(summary.conditions[0].counts.dominant);
  EXPECT_FALSE(summary.conditions[0].counts.dominant_share);
  EXPECT_FALSE(summary.conditions[0].counts.mean_confidence);
}

TEST(PooledConditions, CountTheFramesOfAllVideos) {
  const std::vector<Marker> markers = {{.video = "a", .start = 0, .end = 0.2, .condition = "film"},
                                       {.video = "b", .start = 0, .end = 0.8, .condition = "film"},
                                       {.video = "b", .start = 0, .end = 0.1, .condition = "rest"}};
  VideoAnalysis b = happy_then_sad();
  b.video = "b.mp4";
  b.interpretation.abstain = 0.7;
  const std::vector<VideoSummary> summaries = {summarise(happy_then_sad(), markers), summarise(b, markers)};
  const auto pooled = pool_conditions(summaries);
  ASSERT_EQ(pooled.size(), 2U);
  EXPECT_EQ(pooled[0].condition, "film");
  EXPECT_EQ(pooled[0].frames_sampled, 10);
  EXPECT_EQ(pooled[0].frames_with_face, 9);
  EXPECT_EQ(pooled[0].counts.frames, 9);
  EXPECT_EQ(pooled[0].counts.uncertain, 1);
  EXPECT_THAT(pooled[0].counts.distribution, ElementsAre(5, 3, 0));
  EXPECT_EQ(pooled[0].counts.dominant, 0);
  EXPECT_NEAR(*pooled[0].counts.dominant_share, 5.0 / 9, 1e-9);
  EXPECT_NEAR(*pooled[0].counts.mean_confidence, (8 * 0.8 + 0.6) / 9, 1e-6);
  EXPECT_NEAR(pooled[0].counts.seconds[0], 0.5, 1e-9);
  EXPECT_EQ(pooled[0].counts.transitions[0][1], 1);
  EXPECT_EQ(pooled[1].condition, "rest");
  EXPECT_EQ(pooled[1].frames_sampled, 1);
}

TEST(PooledConditions, AVideoWithoutFacesInItChangesNoMean) {
  const std::vector<Marker> markers = {{.start = 0, .end = 1, .condition = "film"}};
  const std::vector<VideoSummary> summaries = {summarise(made_analysis({{}, {}}), markers),
                                               summarise(happy_then_sad(), markers)};
  const auto pooled = pool_conditions(summaries);
  ASSERT_EQ(pooled.size(), 1U);
  EXPECT_EQ(pooled[0].frames_sampled, 10);
  EXPECT_EQ(pooled[0].frames_with_face, 7);
  EXPECT_EQ(pooled[0].counts.dominant, 1);
  EXPECT_NEAR(*pooled[0].counts.mean_confidence, (6 * 0.8 + 0.6) / 7, 1e-6);
  EXPECT_THAT(pool_conditions({}), IsEmpty());
}

}  // namespace
}  // namespace fer
