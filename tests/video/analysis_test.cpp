#include "fer/video/analysis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "clip_writer.hpp"
#include "fer/core/error.hpp"
#include "stand_ins.hpp"

namespace fer {
namespace {

using test::GreyPredictor;
using test::ScriptedDetector;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const cv::Rect2f kFace(10, 8, 30, 30);

/// Which frame of a default test clip this is, told by its grey.
std::size_t index_of(const cv::Mat& rgb) {
  return static_cast<std::size_t>(std::lround((cv::mean(rgb)[0] - 10) / 3));
}

std::vector<FaceDetection> face_in_all(const cv::Mat&) {
  return {{.box = kFace, .score = 0.9F, .landmarks = {}}};
}

/// 60 frames at 30 a second; frames 20 to 29 show no face.
class GapClip : public ::testing::Test {
 protected:
  GapClip() { test::write_clip(path_, {.codec = "ffv1", .times = test::even_times(60, 30)}); }

  VideoAnalysis analyse(const AnalysisOptions& options, const AnalysisControl& control = {}) {
    VideoFile video(path_);
    return analyse_video(video, detector_, predictor_, options, control);
  }

  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "gap.mkv";
  std::vector<std::size_t> detected_;
  ScriptedDetector detector_{[this](const cv::Mat& rgb) -> std::vector<FaceDetection> {
    detected_.push_back(index_of(rgb));
    if (detected_.back() >= 20 && detected_.back() < 30) return {};
    return face_in_all(rgb);
  }};
  GreyPredictor predictor_;
};

TEST_F(GapClip, EverySampledFrameHasARowWithItsOwnTime) {
  const VideoAnalysis analysis = analyse({.sampling = {.method = SamplingMethod::all}});
  ASSERT_EQ(analysis.rows.size(), 60U);
  for (std::size_t i = 0; i < 60; ++i) {
    const FrameRow& row = analysis.rows[i];
    EXPECT_EQ(row.frame, static_cast<std::int64_t>(i));
    EXPECT_NEAR(row.timestamp, static_cast<double>(i) / 30, 1e-3);
    EXPECT_EQ(row.face.has_value(), i < 20 || i >= 30) << i;
    EXPECT_EQ(row_status(row, 0), row.face ? "ok" : "no_face");
    if (row.face) {
      EXPECT_NEAR(row.face->probabilities[0], test::grey_of(i) / 255, 0.005);
    }
  }
  EXPECT_EQ(analysis.frames_total, 60);
  EXPECT_EQ(analysis.frames_sampled(), 60);
  EXPECT_EQ(analysis.frames_with_face, 50);
  EXPECT_EQ(audit_line(analysis), "60 frames decoded = 50 with a face + 10 without + 0 skipped");
  EXPECT_NEAR(analysis.duration_seconds.value_or(-1), 2.0, 0.01);
  EXPECT_FALSE(analysis.damaged);
  EXPECT_THAT(analysis.warnings, IsEmpty());
}

TEST_F(GapClip, TheDetectorSeesEachSampledFrameOnceWhateverTheBatch) {
  for (const int batch : {1, 3, 8, 64}) {
    detected_.clear();
    analyse({.sampling = {.method = SamplingMethod::every_n, .every_n = 5}, .batch_size = batch});
    EXPECT_THAT(detected_, ElementsAre(0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55)) << batch;
  }
}

TEST_F(GapClip, TheBatchSizeChangesNoResult) {
  const AnalysisOptions one{.sampling = {.fps = 10}, .batch_size = 1};
  const VideoAnalysis expected = analyse(one);
  EXPECT_EQ(predictor_.batches, std::vector<std::size_t>(expected.frames_with_face, 1));
  for (const int batch : {2, 7, 100}) {
    predictor_.batches.clear();
    AnalysisOptions options = one;
    options.batch_size = batch;
    const VideoAnalysis analysis = analyse(options);
    EXPECT_LE(std::ranges::max(predictor_.batches), static_cast<std::size_t>(batch));
    ASSERT_EQ(analysis.rows.size(), expected.rows.size());
    for (std::size_t i = 0; i < analysis.rows.size(); ++i) {
      EXPECT_EQ(analysis.rows[i].timestamp, expected.rows[i].timestamp);
      ASSERT_EQ(analysis.rows[i].face.has_value(), expected.rows[i].face.has_value());
      if (!analysis.rows[i].face) continue;
      EXPECT_EQ(analysis.rows[i].face->probabilities, expected.rows[i].face->probabilities);
      EXPECT_EQ(analysis.rows[i].face->smoothed, expected.rows[i].face->smoothed);
    }
  }
}

TEST_F(GapClip, ThreeFramesASecondByDefault) {
  const VideoAnalysis analysis = analyse({});
  std::vector<std::int64_t> frames;
  for (const FrameRow& row : analysis.rows) frames.push_back(row.frame);
  EXPECT_THAT(frames, ElementsAre(0, 10, 20, 30, 40, 50));
  EXPECT_EQ(audit_line(analysis), "60 frames decoded = 5 with a face + 1 without + 54 skipped");
  EXPECT_EQ(detector_.calls, 6U);
}

TEST_F(GapClip, AnExcerptKeepsTheVideosTimes) {
  const VideoAnalysis analysis = analyse({.sampling = {.start = 0.5, .end = 1.5}});
  ASSERT_EQ(analysis.rows.size(), 3U);
  EXPECT_EQ(analysis.rows[0].frame, 20);
  EXPECT_NEAR(analysis.rows[0].timestamp, 0.667, 1e-3);
  EXPECT_EQ(analysis.frames_total, 45);
  EXPECT_FALSE(analysis.damaged);

  const VideoAnalysis none = analyse({.sampling = {.start = 100, .end = 101}});
  EXPECT_EQ(none.frames_sampled(), 0);
  ASSERT_EQ(none.warnings.size(), 1U);
  EXPECT_THAT(none.warnings[0], HasSubstr("no frame was sampled between 100 and 101 s"));
}

TEST_F(GapClip, SmoothedRowsAreProbabilitiesToo) {
  const VideoAnalysis analysis =
      analyse({.sampling = {.method = SamplingMethod::all}, .smoothing = {.window = 0.5}});
  for (const FrameRow& row : analysis.rows) {
    if (!row.face) continue;
    ASSERT_EQ(row.face->smoothed.size(), 3U);
    EXPECT_NEAR(std::accumulate(row.face->smoothed.begin(), row.face->smoothed.end(), 0.0), 1, 1e-6);
  }
  // Frame 19 is the last before the gap: its window holds frames 12 to 19 and nothing of the gap.
  EXPECT_NEAR(analysis.rows[19].face->smoothed[0], test::grey_of(15) / 255 + 1.5 / 255, 0.01);
}

TEST_F(GapClip, StoppingKeepsWhatWasAnalysed) {
  std::size_t asked = 0;
  const VideoAnalysis analysis = analyse({.sampling = {.method = SamplingMethod::all}, .batch_size = 16},
                                         {.stop = [&] { return ++asked > 7; }});
  EXPECT_TRUE(analysis.stopped);
  ASSERT_EQ(analysis.rows.size(), 7U);
  for (const FrameRow& row : analysis.rows) EXPECT_EQ(row.face->probabilities.size(), 3U);
}

TEST_F(GapClip, ReportsEveryDecodedFrame) {
  std::vector<std::size_t> done;
  analyse({}, {.progress = [&](std::size_t now, std::size_t) { done.push_back(now); }});
  std::vector<std::size_t> expected(60);
  std::iota(expected.begin(), expected.end(), 1U);
  EXPECT_EQ(done, expected);
}

TEST_F(GapClip, ImpossibleOptionsAreUsageErrors) {
  for (const AnalysisOptions& bad :
       {AnalysisOptions{.batch_size = 0}, AnalysisOptions{.abstain = 1.5},
        AnalysisOptions{.smoothing = {.window = -1}}, AnalysisOptions{.sampling = {.fps = 0}}}) {
    try {
      analyse(bad);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
    }
  }
}

TEST_F(GapClip, APredictorThatDoesNotFitItsClassesIsAFailure) {
  class Short : public GreyPredictor {
    std::vector<std::vector<float>> predict(std::span<const cv::Mat> crops) override {
      return std::vector<std::vector<float>>(crops.size(), {0.5F, 0.5F});
    }
  } two_of_three;
  VideoFile video(path_);
  EXPECT_THROW(analyse_video(video, detector_, two_of_three), Error);
}

TEST(Analysis, TakesTheLargestFaceAndItsOwnPixels) {
  const test::TempFolder folder;
  const auto picture = [](std::size_t) {
    cv::Mat rgb(48, 64, CV_8UC3, cv::Scalar::all(0));
    rgb({34, 10, 20, 20}).setTo(cv::Scalar::all(255));
    return rgb;
  };
  test::write_clip(folder / "two.mkv", {.codec = "ffv1", .times = {0, 0.1}, .picture = picture});
  VideoFile video(folder / "two.mkv");
  ScriptedDetector detector([](const cv::Mat&) -> std::vector<FaceDetection> {
    return {{.box = {2, 2, 8, 8}, .score = 0.99F, .landmarks = {}},
            {.box = {39, 15, 10, 10}, .score = 0.5F, .landmarks = {}}};
  });
  GreyPredictor predictor;
  const VideoAnalysis analysis = analyse_video(video, detector, predictor);
  ASSERT_EQ(analysis.rows.size(), 1U);
  ASSERT_TRUE(analysis.rows[0].face);
  EXPECT_EQ(analysis.rows[0].face->face_id, 0);
  EXPECT_EQ(analysis.rows[0].face->confidence, 0.5F);
  EXPECT_EQ(analysis.rows[0].face->box, cv::Rect2f(39, 15, 10, 10));
  EXPECT_GT(analysis.rows[0].face->probabilities[0], 0.99F);
  EXPECT_EQ(analysis.video, "two.mkv");
  EXPECT_EQ(analysis.model, "grey");
}

TEST(Analysis, ATimeOfTheContainerIsNeverFrameOverRate) {
  const test::TempFolder folder;
  const std::vector<double> times = {0, 0.1, 0.2, 1.0, 1.1, 3.0};
  test::write_clip(folder / "v.mkv", {.codec = "ffv1", .times = times});
  VideoFile video(folder / "v.mkv");
  ScriptedDetector detector(face_in_all);
  GreyPredictor predictor;
  const VideoAnalysis analysis = analyse_video(video, detector, predictor, {.sampling = {.fps = 2}});
  std::vector<double> sampled;
  for (const FrameRow& row : analysis.rows) sampled.push_back(row.timestamp);
  EXPECT_THAT(sampled, ElementsAre(0, 1.0, 3.0));
  ASSERT_EQ(analysis.warnings.size(), 1U);
  EXPECT_EQ(analysis.warnings[0],
            "variable frame rate: 100.0 to 1900.0 ms between frames; times are the container's");
}

TEST(Analysis, LabelsAndAbstaining) {
  EXPECT_EQ(label_of(std::vector{0.2F, 0.5F, 0.3F}), 1);
  EXPECT_EQ(label_of(std::vector{0.4F, 0.4F, 0.2F}), 0);
  EXPECT_EQ(label_of(std::vector{0.2F, 0.5F, 0.3F}, 0.5), 1);
  EXPECT_EQ(label_of(std::vector{0.2F, 0.5F, 0.3F}, 0.51), std::nullopt);
  EXPECT_EQ(label_of({}), std::nullopt);
  FrameRow row;
  EXPECT_EQ(row_status(row, 0.6), "no_face");
  row.face = FaceResult{.probabilities = {0.5F, 0.5F}};
  EXPECT_EQ(row_status(row, 0.6), "uncertain");
  EXPECT_EQ(row_status(row, 0.4), "ok");
}

}  // namespace
}  // namespace fer
