#include "fer/video/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fer {
namespace {

using ::testing::ElementsAre;

SampledFrame face_frame(double time, std::vector<float> probabilities, std::vector<float> smoothed,
                        int face_id = 0) {
  const int label = *label_of(smoothed);
  return {.frame = static_cast<std::int64_t>(time * 10),
          .timestamp = time,
          .seconds = 0.5,
          .faces = {{.face_id = face_id,
                     .box = {0, 0, 100, 100},
                     .brightness = 120,
                     .probabilities = std::move(probabilities),
                     .smoothed = std::move(smoothed),
                     .smoothed_label = label}}};
}

VideoAnalysis four_frames() {
  VideoAnalysis analysis{.video = "a.mp4", .classes = ClassList({"happy", "sad", "neutral"})};
  analysis.frames = {face_frame(0, {0.2F, 0.5F, 0.3F}, {0.1F, 0.6F, 0.3F}),
                     SampledFrame{.frame = 5, .timestamp = 0.5, .seconds = 0.5},
                     face_frame(1, {0.1F, 0.1F, 0.8F}, {0.1F, 0.6F, 0.3F}),
                     face_frame(1.5, {0.1F, 0.7F, 0.2F}, {0.1F, 0.6F, 0.3F})};
  analysis.frames_total = 40;
  analysis.duration_seconds = 2;
  return analysis;
}

TEST(Summary, CountsByTheMostProbableClass) {
  const VideoSummary summary = summarise(four_frames());
  EXPECT_EQ(summary.frames_total, 40);
  EXPECT_EQ(summary.frames_sampled, 4);
  EXPECT_EQ(summary.frames_with_face, 3);
  EXPECT_DOUBLE_EQ(summary.coverage(), 0.75);
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
  VideoAnalysis analysis = four_frames();
  analysis.frames.pop_back();
  EXPECT_EQ(summarise(analysis).overall.dominant, 1);
}

TEST(Summary, WithoutAFaceThereIsNothingToTell) {
  VideoAnalysis analysis = four_frames();
  for (SampledFrame& frame : analysis.frames) frame.faces.clear();
  const VideoSummary summary = summarise(analysis);
  EXPECT_EQ(summary.coverage(), 0);
  EXPECT_FALSE(summary.overall.dominant || summary.overall.dominant_share || summary.overall.mean_confidence);
  EXPECT_THAT(summary.overall.distribution, ElementsAre(0, 0, 0));
  EXPECT_TRUE(summary.faces.empty());

  analysis.frames.clear();
  EXPECT_EQ(summarise(analysis).coverage(), 0);
}

TEST(Summary, UncertainFramesHaveNoLabel) {
  VideoAnalysis analysis = four_frames();
  analysis.interpretation.abstain = 0.6;
  const EmotionCounts counts = summarise(analysis).overall;
  EXPECT_EQ(counts.uncertain, 1);
  EXPECT_THAT(counts.distribution, ElementsAre(0, 1, 1));
  EXPECT_EQ(counts.dominant, 1);
  EXPECT_NEAR(*counts.dominant_share, 1.0 / 3, 1e-9);

  analysis.interpretation.abstain = 0.99;
  EXPECT_EQ(summarise(analysis).overall.dominant, std::nullopt);
  EXPECT_EQ(summarise(analysis).overall.uncertain, 3);
}

TEST(Summary, KeepsFacesApart) {
  VideoAnalysis analysis = four_frames();
  analysis.frames[3].faces[0].face_id = 4;
  const VideoSummary summary = summarise(analysis);
  ASSERT_EQ(summary.faces.size(), 2U);
  EXPECT_EQ(summary.faces[1].face_id, 4);
  EXPECT_THAT(summary.faces[0].counts.distribution, ElementsAre(0, 1, 1));
  EXPECT_THAT(summary.faces[1].counts.distribution, ElementsAre(0, 1, 0));
}

TEST(Summary, TellsTimeAndChangesOfEachFacesSmoothedLabels) {
  VideoAnalysis analysis = four_frames();
  const auto add = [&](double time, int id, int label) {
    SampledFrame frame = face_frame(time, {0.2F, 0.5F, 0.3F}, {0.1F, 0.1F, 0.1F}, id);
    frame.faces[0].smoothed[static_cast<std::size_t>(label)] = 0.8F;
    frame.faces[0].smoothed_label = label;
    analysis.frames.push_back(frame);
  };
  add(2.0, 0, 0);
  add(2.5, 1, 2);  // another face: no change
  add(3.0, 0, 0);
  add(3.5, 0, 1);
  const VideoSummary summary = summarise(analysis);
  EXPECT_THAT(summary.overall.seconds, ElementsAre(1.0, 2.0, 0.5));
  EXPECT_THAT(summary.overall.transitions,
              ElementsAre(ElementsAre(0, 1, 0), ElementsAre(1, 0, 0), ElementsAre(0, 0, 0)));
  EXPECT_EQ(summary.faces[1].first_seen, 2.5);
  EXPECT_EQ(summary.faces[0].last_seen, 3.5);
  EXPECT_THAT(summary.faces[1].counts.seconds, ElementsAre(0, 0, 0.5));
}

TEST(Summary, CorrectedLabelsStandBesideTheRawOnes) {
  VideoAnalysis analysis = four_frames();
  EXPECT_TRUE(summarise(analysis).overall.distribution_corrected.empty());
  for (SampledFrame& frame : analysis.frames) {
    for (FaceResult& face : frame.faces) face.corrected = {0.9F, 0.05F, 0.05F};
  }
  const EmotionCounts counts = summarise(analysis).overall;
  EXPECT_THAT(counts.distribution, ElementsAre(0, 2, 1));
  EXPECT_THAT(counts.distribution_corrected, ElementsAre(3, 0, 0));
  EXPECT_EQ(counts.dominant, 1);
  EXPECT_EQ(counts.dominant_corrected, 0);
}

TEST(Summary, TheRateIsMeasuredWhereItWasNotAskedFor) {
  VideoAnalysis analysis = four_frames();
  analysis.options.sampling.method = SamplingMethod::all;
  EXPECT_DOUBLE_EQ(*summarise(analysis).sample_fps, 2.0);
  analysis.frames.resize(1);
  EXPECT_EQ(summarise(analysis).sample_fps, std::nullopt);
}

}  // namespace
}  // namespace fer
