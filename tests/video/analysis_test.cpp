#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>
#include <numeric>

#include "clip_writer.hpp"
#include "fer/core/error.hpp"
#include "fer/video/analyse_video.hpp"
#include "fer/video/video_file.hpp"
#include "stand_ins.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using test::GreyPredictor;
using test::ScriptedDetector;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const cv::Rect2f kFace(10, 8, 30, 30);

/// Which frame of a default test clip this is, told by its grey.
std::size_t clip_index_of(const cv::Mat& rgb) {
  return static_cast<std::size_t>(std::lround((cv::mean(rgb)[0] - 10) / 3));
}

std::vector<FaceDetection> face_in_all(const cv::Mat&) {
  return {{.box = kFace, .score = 0.9F, .landmarks = {}}};
}

const AnalysisOptions kAllFrames = {.sampling = {.method = SamplingMethod::all}};

/// 60 frames at 30 a second; frames 20 to 29 show no face.
class GapClip : public ::testing::Test {
 protected:
  GapClip() { test::write_clip(path_, {.codec = "ffv1", .times = test::even_times(60, 30)}); }

  VideoAnalysis analyse(const AnalysisOptions& options, const AnalysisControl& control = {}) {
    VideoFile video(path_);
    return analyse_video(video, detector(), predictor_, options, control);
  }

  FaceDetectorFactory detector() {
    return [this] { return std::make_unique<ScriptedDetector>(script_); };
  }

  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "gap.mkv";
  std::mutex mutex_;
  std::vector<std::size_t> detected_;
  ScriptedDetector::Script script_ = [this](const cv::Mat& rgb) -> std::vector<FaceDetection> {
    const std::lock_guard lock(mutex_);
    detected_.push_back(clip_index_of(rgb));
    if (detected_.back() >= 20 && detected_.back() < 30) return {};
    return face_in_all(rgb);
  };
  GreyPredictor predictor_;
};

TEST_F(GapClip, EverySampledFrameIsThereWithItsOwnTime) {
  const VideoAnalysis analysis = analyse(kAllFrames);
  ASSERT_EQ(analysis.frames.size(), 60U);
  for (std::size_t i = 0; i < 60; ++i) {
    const SampledFrame& frame = analysis.frames[i];
    EXPECT_EQ(frame.frame, static_cast<std::int64_t>(i));
    EXPECT_NEAR(frame.timestamp, static_cast<double>(i) / 30, 1e-3);
    EXPECT_NEAR(frame.seconds, 1.0 / 30, 2e-3);
    ASSERT_EQ(frame.faces.size(), i < 20 || i >= 30 ? 1U : 0U) << i;
    if (frame.faces.empty()) continue;
    EXPECT_NEAR(frame.faces[0].probabilities[0], test::grey_of(i) / 255, 0.005);
    EXPECT_NEAR(frame.faces[0].brightness, test::grey_of(i), 1);
    EXPECT_EQ(frame.faces[0].face_id, 0);
  }
  EXPECT_EQ(analysis.frames_total, 60);
  EXPECT_EQ(analysis.frames_with_face(), 50);
  EXPECT_EQ(audit_line(analysis), "60 frames decoded = 50 with a face + 10 without + 0 skipped");
  EXPECT_NEAR(analysis.duration_seconds.value_or(-1), 2.0, 0.01);
  EXPECT_EQ(analysis.cuts, 0);
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

TEST_F(GapClip, BetweenDetectionsTheDetectorLooksOnlyWhereFacesComeOrGo) {
  analyse(kAllFrames);
  std::ranges::sort(detected_);
  EXPECT_TRUE(std::ranges::adjacent_find(detected_) == detected_.end()) << "a frame was looked at twice";
  for (const std::size_t border : {19U, 20U, 29U, 30U})
    EXPECT_EQ(std::ranges::count(detected_, border), 1) << border;
  EXPECT_LE(detected_.size(), 60U / 3 + 1 + 2 * 2);
  detected_.clear();
  AnalysisOptions every = kAllFrames;
  every.detect_every = 1;
  analyse(every);
  EXPECT_EQ(detected_.size(), 60U);
}

void expect_same(const VideoAnalysis& a, const VideoAnalysis& b) {
  ASSERT_EQ(a.frames.size(), b.frames.size());
  for (std::size_t i = 0; i < a.frames.size(); ++i) {
    EXPECT_EQ(a.frames[i].frame, b.frames[i].frame);
    EXPECT_EQ(a.frames[i].timestamp, b.frames[i].timestamp);
    ASSERT_EQ(a.frames[i].faces.size(), b.frames[i].faces.size());
    for (std::size_t k = 0; k < a.frames[i].faces.size(); ++k) {
      EXPECT_EQ(a.frames[i].faces[k].face_id, b.frames[i].faces[k].face_id);
      EXPECT_EQ(a.frames[i].faces[k].box, b.frames[i].faces[k].box);
      EXPECT_EQ(a.frames[i].faces[k].probabilities, b.frames[i].faces[k].probabilities);
    }
  }
}

TEST_F(GapClip, NeitherBatchSizeNorThreadsChangeAnyResult) {
  AnalysisOptions options = kAllFrames;
  options.batch_size = 1;
  const VideoAnalysis expected = analyse(options);
  EXPECT_EQ(predictor_.batches, std::vector<std::size_t>(50, 1));
  for (const auto& [batch, threads] : {std::pair(2, 1), {7, 2}, {100, 3}, {16, 8}}) {
    predictor_.batches.clear();
    options.batch_size = batch;
    options.threads = threads;
    expect_same(analyse(options), expected);
    EXPECT_EQ(std::accumulate(predictor_.batches.begin(), predictor_.batches.end(), std::size_t{0}), 50U);
    EXPECT_LE(std::ranges::max(predictor_.batches), static_cast<std::size_t>(batch));
  }
}

TEST_F(GapClip, ThreeFramesASecondByDefault) {
  const VideoAnalysis analysis = analyse({});
  std::vector<std::int64_t> frames;
  for (const SampledFrame& frame : analysis.frames) frames.push_back(frame.frame);
  EXPECT_THAT(frames, ElementsAre(0, 10, 20, 30, 40, 50));
  EXPECT_EQ(audit_line(analysis), "60 frames decoded = 5 with a face + 1 without + 54 skipped");
  EXPECT_EQ(detected_.size(), 6U);
}

TEST_F(GapClip, AnExcerptKeepsTheVideosTimes) {
  const VideoAnalysis analysis = analyse({.sampling = {.start = 0.5, .end = 1.5}});
  ASSERT_EQ(analysis.frames.size(), 3U);
  EXPECT_EQ(analysis.frames[0].frame, 20);
  EXPECT_NEAR(analysis.frames[0].timestamp, 0.667, 1e-3);
  EXPECT_EQ(analysis.frames_total, 45);
  EXPECT_FALSE(analysis.damaged);

  const VideoAnalysis none = analyse({.sampling = {.start = 100, .end = 101}});
  EXPECT_EQ(none.frames_sampled(), 0);
  ASSERT_EQ(none.warnings.size(), 1U);
  EXPECT_THAT(none.warnings[0], HasSubstr("no frame was sampled between 100 and 101 s"));
}

TEST_F(GapClip, SmoothedRowsAreProbabilitiesToo) {
  VideoAnalysis analysis = analyse(kAllFrames);
  interpret(analysis, {.smoothing = {.window = 0.5}});
  for (const SampledFrame& frame : analysis.frames) {
    for (const FaceResult& face : frame.faces) {
      ASSERT_EQ(face.smoothed.size(), 3U);
      EXPECT_NEAR(std::accumulate(face.smoothed.begin(), face.smoothed.end(), 0.0), 1, 1e-6);
      EXPECT_EQ(face.smoothed_label, label_of(face.smoothed));
    }
  }
  // Frame 19 is the last before the gap: its window holds frames 12 to 19 and nothing of the gap.
  EXPECT_NEAR(analysis.frames[19].faces[0].smoothed[0], test::grey_of(15) / 255 + 1.5 / 255, 0.01);
}

TEST_F(GapClip, StoppingKeepsWhatWasAnalysed) {
  std::size_t asked = 0;
  const VideoAnalysis analysis = analyse(kAllFrames, {.stop = [&] { return ++asked > 7; }});
  EXPECT_TRUE(analysis.stopped);
  ASSERT_EQ(analysis.frames.size(), 7U);
  for (const SampledFrame& frame : analysis.frames) EXPECT_EQ(frame.faces.at(0).probabilities.size(), 3U);
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
       {AnalysisOptions{.batch_size = 0}, AnalysisOptions{.threads = 0}, AnalysisOptions{.detect_every = -1},
        AnalysisOptions{.tracking = {.max_gap = 0}}, AnalysisOptions{.sampling = {.fps = 0}}}) {
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
  EXPECT_THROW(analyse_video(video, detector(), two_of_three), Error);
}

TEST_F(GapClip, ADetectorThatFailsEndsTheAnalysisWithItsError) {
  script_ = [](const cv::Mat& rgb) -> std::vector<FaceDetection> {
    if (clip_index_of(rgb) > 10) throw failure("the detector is out of order");
    return face_in_all(rgb);
  };
  for (const int threads : {1, 4}) {
    AnalysisOptions options = kAllFrames;
    options.threads = threads;
    EXPECT_THROW(analyse(options), Error);
  }
}

/// Two white squares, the left one small; the detector sees both.
class TwoFaces : public ::testing::Test {
 protected:
  TwoFaces() {
    const auto picture = [](std::size_t) {
      cv::Mat rgb(48, 64, CV_8UC3, cv::Scalar::all(0));
      rgb({34, 10, 20, 20}).setTo(cv::Scalar::all(255));
      return rgb;
    };
    test::write_clip(path_, {.codec = "ffv1", .times = {0, 0.1}, .picture = picture});
  }

  VideoAnalysis analyse(FaceTarget target) {
    VideoFile video(path_);
    return analyse_video(
        video,
        [] {
          return std::make_unique<ScriptedDetector>([](const cv::Mat&) -> std::vector<FaceDetection> {
            return {{.box = {39, 15, 10, 10}, .score = 0.5F, .landmarks = {}},
                    {.box = {24, 18, 8, 8}, .score = 0.99F, .landmarks = {}}};
          });
        },
        predictor_, {.target = target});
  }

  test::TempFolder folder_;
  std::filesystem::path path_ = folder_ / "two.mkv";
  GreyPredictor predictor_;
};

TEST_F(TwoFaces, AllFacesHaveTheirOwnPixelsAndIds) {
  const VideoAnalysis analysis = analyse(FaceTarget::all);
  ASSERT_EQ(analysis.frames.size(), 1U);
  const SampledFrame& frame = analysis.frames[0];
  ASSERT_EQ(frame.faces.size(), 2U);
  EXPECT_THAT(frame.others, IsEmpty());
  EXPECT_EQ(frame.faces[0].face_id, 0);
  EXPECT_EQ(frame.faces[0].confidence, 0.5F);
  EXPECT_GT(frame.faces[0].probabilities[0], 0.99F);
  EXPECT_EQ(frame.faces[1].face_id, 1);
  EXPECT_LT(frame.faces[1].probabilities[0], 0.01F);
  EXPECT_EQ(analysis.video, "two.mkv");
  EXPECT_EQ(analysis.model, "grey");
  EXPECT_EQ(analysis.detector, "scripted");
}

TEST_F(TwoFaces, OneTargetIsClassifiedAndTheOthersAreKnown) {
  const VideoAnalysis largest = analyse(FaceTarget::largest);
  ASSERT_EQ(largest.frames[0].faces.size(), 1U);
  EXPECT_EQ(largest.frames[0].faces[0].box, cv::Rect2f(39, 15, 10, 10));
  EXPECT_THAT(largest.frames[0].others, ElementsAre(cv::Rect2f(24, 18, 8, 8)));
  const VideoAnalysis central = analyse(FaceTarget::center);
  ASSERT_EQ(central.frames[0].faces.size(), 1U);
  EXPECT_EQ(central.frames[0].faces[0].face_id, 1);
}

TEST(Analysis, ATimeOfTheContainerIsNeverFrameOverRate) {
  const test::TempFolder folder;
  const std::vector<double> times = {0, 0.1, 0.2, 1.0, 1.1, 3.0};
  test::write_clip(folder / "v.mkv", {.codec = "ffv1", .times = times});
  VideoFile video(folder / "v.mkv");
  GreyPredictor predictor;
  const VideoAnalysis analysis =
      analyse_video(video, [] { return std::make_unique<ScriptedDetector>(face_in_all); }, predictor,
                    {.sampling = {.fps = 2}});
  std::vector<double> sampled;
  for (const SampledFrame& frame : analysis.frames) sampled.push_back(frame.timestamp);
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
  const FaceResult face{.probabilities = {0.5F, 0.5F}, .smoothed = {0.3F, 0.7F}, .smoothed_label = 0};
  EXPECT_EQ(face_status(face, 0.6), "uncertain");
  EXPECT_EQ(face_status(face, 0.4), "ok");
  EXPECT_EQ(smoothed_label_of(face, 0.3), 0);
  EXPECT_EQ(smoothed_label_of(face, 0.4), std::nullopt);
}

}  // namespace
}  // namespace fer
