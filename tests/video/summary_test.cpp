#include "fer/video/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fer {
namespace {

using ::testing::ElementsAre;

FrameRow face_row(double time, std::vector<float> probabilities, std::vector<float> smoothed,
                  int face_id = 0) {
  FrameRow row{.frame = static_cast<std::int64_t>(time * 10), .timestamp = time};
  row.face = FaceResult{
      .face_id = face_id, .probabilities = std::move(probabilities), .smoothed = std::move(smoothed)};
  return row;
}

VideoAnalysis four_rows() {
  VideoAnalysis analysis{.video = "a.mp4", .classes = ClassList({"happy", "sad", "neutral"})};
  analysis.rows = {face_row(0, {0.2F, 0.5F, 0.3F}, {0.1F, 0.6F, 0.3F}),
                   FrameRow{.frame = 5, .timestamp = 0.5},
                   face_row(1, {0.1F, 0.1F, 0.8F}, {0.1F, 0.6F, 0.3F}),
                   face_row(1.5, {0.1F, 0.7F, 0.2F}, {0.1F, 0.6F, 0.3F})};
  analysis.frames_total = 40;
  analysis.frames_with_face = 3;
  analysis.duration_seconds = 2;
  return analysis;
}

TEST(Summary, CountsByTheMostProbableClass) {
  const VideoSummary summary = summarise(four_rows());
  EXPECT_EQ(summary.frames_total, 40);
  EXPECT_EQ(summary.frames_sampled, 4);
  EXPECT_EQ(summary.frames_with_face, 3);
  EXPECT_DOUBLE_EQ(summary.coverage, 0.75);
  EXPECT_EQ(summary.sample_fps, 3.0);
  EXPECT_EQ(summary.smoothing, "median 1 s");
  EXPECT_EQ(summary.overall.dominant, 1);
  EXPECT_NEAR(*summary.overall.dominant_share, 2.0 / 3, 1e-9);
  EXPECT_NEAR(*summary.overall.mean_confidence, 2.0 / 3, 1e-6);
  EXPECT_THAT(summary.overall.distribution, ElementsAre(0, 2, 1));
  EXPECT_THAT(summary.overall.distribution_smoothed, ElementsAre(0, 3, 0));
  EXPECT_EQ(summary.overall.uncertain, 0);
  ASSERT_EQ(summary.faces.size(), 1U);
  EXPECT_EQ(summary.faces[0].counts.frames, 3);
}

TEST(Summary, EqualCountsGoToTheFirstClass) {
  VideoAnalysis analysis = four_rows();
  analysis.rows.pop_back();
  analysis.frames_with_face = 2;
  EXPECT_EQ(summarise(analysis).overall.dominant, 1);
}

TEST(Summary, WithoutAFaceThereIsNothingToTell) {
  VideoAnalysis analysis = four_rows();
  for (FrameRow& row : analysis.rows) row.face.reset();
  analysis.frames_with_face = 0;
  const VideoSummary summary = summarise(analysis);
  EXPECT_EQ(summary.coverage, 0);
  EXPECT_FALSE(summary.overall.dominant || summary.overall.dominant_share || summary.overall.mean_confidence);
  EXPECT_THAT(summary.overall.distribution, ElementsAre(0, 0, 0));
  EXPECT_TRUE(summary.faces.empty());

  analysis.rows.clear();
  EXPECT_EQ(summarise(analysis).coverage, 0);
}

TEST(Summary, UncertainFramesHaveNoLabel) {
  VideoAnalysis analysis = four_rows();
  analysis.options.abstain = 0.6;
  const EmotionCounts counts = summarise(analysis).overall;
  EXPECT_EQ(counts.uncertain, 1);
  EXPECT_THAT(counts.distribution, ElementsAre(0, 1, 1));
  EXPECT_EQ(counts.dominant, 1);
  EXPECT_NEAR(*counts.dominant_share, 1.0 / 3, 1e-9);

  analysis.options.abstain = 0.99;
  EXPECT_EQ(summarise(analysis).overall.dominant, std::nullopt);
  EXPECT_EQ(summarise(analysis).overall.uncertain, 3);
}

TEST(Summary, KeepsFacesApart) {
  VideoAnalysis analysis = four_rows();
  analysis.rows[3].face->face_id = 4;
  const VideoSummary summary = summarise(analysis);
  ASSERT_EQ(summary.faces.size(), 2U);
  EXPECT_EQ(summary.faces[1].face_id, 4);
  EXPECT_THAT(summary.faces[0].counts.distribution, ElementsAre(0, 1, 1));
  EXPECT_THAT(summary.faces[1].counts.distribution, ElementsAre(0, 1, 0));
}

TEST(Summary, TheRateIsMeasuredWhereItWasNotAskedFor) {
  VideoAnalysis analysis = four_rows();
  analysis.options.sampling.method = SamplingMethod::all;
  EXPECT_DOUBLE_EQ(*summarise(analysis).sample_fps, 2.0);
  analysis.rows.resize(1);
  EXPECT_EQ(summarise(analysis).sample_fps, std::nullopt);
}

}  // namespace
}  // namespace fer
