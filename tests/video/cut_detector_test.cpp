#include "fer/video/cut_detector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <opencv2/imgproc.hpp>
#include <set>
#include <string>

#include "fer/core/random.hpp"
#include "fer/video/frame_source.hpp"
#include "fer/video/video_file.hpp"

namespace fer {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Cuts = std::vector<int>;

/// Where a sequence of thumbnails is cut.
Cuts cuts_of(const std::vector<cv::Mat>& thumbnails) {
  CutDetector detector;
  Cuts cuts;
  for (std::size_t i = 0; i < thumbnails.size(); ++i) {
    if (detector.add(thumbnails[i])) cuts.push_back(static_cast<int>(i));
  }
  return cuts;
}

/// Grey noise smoothed to lumps of about `grain` pixels, over the whole range: like shot material, no place
/// of it looks like another.
cv::Mat texture(cv::Size size, std::uint64_t seed, double grain = 6) {
  cv::Mat noise(size, CV_32F);
  Rng rng(seed);
  for (float& value : cv::Mat_<float>(noise)) value = static_cast<float>(rng.normal());
  cv::GaussianBlur(noise, noise, {}, grain);
  cv::Mat grey;
  cv::normalize(noise, grey, 0, 255, cv::NORM_MINMAX, CV_8U);
  return grey;
}

cv::Mat scene(std::uint64_t seed) { return texture({kThumbnailWidth, kThumbnailHeight}, seed); }

/// A camera that goes over a wide scene, so many pixels further in each frame.
std::vector<cv::Mat> pan(const std::vector<double>& steps) {
  const cv::Mat wide = texture({900, kThumbnailHeight}, 9);
  std::vector<cv::Mat> frames;
  double at = 0;
  for (const double step : steps) {
    at += step;
    const cv::Mat shift = (cv::Mat_<double>(2, 3) << 1, 0, -at, 0, 1, 0);
    cv::Mat moved;
    cv::warpAffine(wide, moved, shift, {kThumbnailWidth, kThumbnailHeight}, cv::INTER_LINEAR);
    frames.push_back(moved);
  }
  return frames;
}

cv::Mat noisy(const cv::Mat& grey, double deviation, Rng& rng) {
  cv::Mat result = grey.clone();
  for (std::uint8_t& value : cv::Mat_<std::uint8_t>(result))
    value = cv::saturate_cast<std::uint8_t>(value + deviation * rng.normal());
  return result;
}

std::vector<cv::Mat> repeat(const cv::Mat& frame, int count) {
  return std::vector<cv::Mat>(static_cast<std::size_t>(count), frame);
}

std::vector<cv::Mat> operator+(std::vector<cv::Mat> a, const std::vector<cv::Mat>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// From one brightness to another, in so many frames.
std::vector<cv::Mat> fade(const cv::Mat& frame, double from, double to, int count) {
  std::vector<cv::Mat> frames;
  for (int i = 0; i <= count; ++i) frames.push_back(frame * (from + (to - from) * i / count));
  return frames;
}

TEST(CutDetector, FindsAHardCutAndNothingElse) {
  EXPECT_THAT(cuts_of(repeat(scene(1), 20) + repeat(scene(2), 20)), ElementsAre(20));
}

TEST(CutDetector, TheVeryFirstFrameIsNoCut) { EXPECT_THAT(cuts_of({scene(1)}), IsEmpty()); }

TEST(CutDetector, UnrelatedPicturesAreACutEach) {
  std::vector<cv::Mat> frames;
  Cuts all;
  for (int i = 0; i < 20; ++i) {
    frames.push_back(scene(static_cast<std::uint64_t>(i)));
    if (i > 0) all.push_back(i);
  }
  EXPECT_EQ(cuts_of(frames), all);
}

TEST(CutDetector, ASinglePictureBetweenIsTwoCuts) {
  EXPECT_THAT(cuts_of(repeat(scene(1), 10) + repeat(scene(2), 1) + repeat(scene(1), 10)),
              ElementsAre(10, 11));
}

TEST(CutDetector, ACutInNoiseIsFoundAndNoiseIsNone) {
  Rng rng(4);
  std::vector<cv::Mat> frames;
  for (int i = 0; i < 60; ++i) frames.push_back(noisy(scene(i < 30 ? 1 : 2), 15, rng));
  EXPECT_THAT(cuts_of(frames), ElementsAre(30));
}

TEST(CutDetector, NoiseOnAnEvenPictureIsNone) {
  Rng rng(4);
  std::vector<cv::Mat> frames;
  const cv::Mat even(kThumbnailHeight, kThumbnailWidth, CV_8U, cv::Scalar(30));
  for (int i = 0; i < 60; ++i) frames.push_back(noisy(even, 0.7, rng));
  EXPECT_THAT(cuts_of(frames), IsEmpty());
}

TEST(CutDetector, ACutIntoAPanIsFound) {
  EXPECT_THAT(cuts_of(repeat(scene(1), 10) + pan(std::vector<double>(30, 1.5))), ElementsAre(10));
}

TEST(CutDetector, PansAreNone) {
  for (const double step : {0.3, 1.0, 2.0, 3.0}) {
    EXPECT_THAT(cuts_of(pan(std::vector<double>(60, step))), IsEmpty()) << step;
  }
}

TEST(CutDetector, APanThatStartsSuddenlyIsNone) {
  for (const double step : {1.0, 2.0, 3.0}) {
    std::vector<double> steps(30, 0.0);
    steps.insert(steps.end(), 30, step);
    steps.insert(steps.end(), 30, 0.0);
    EXPECT_THAT(cuts_of(pan(steps)), IsEmpty()) << step;
  }
}

TEST(CutDetector, ChangesOfBrightnessAreNone) {
  const cv::Mat dim = scene(1) * 0.5;
  EXPECT_THAT(cuts_of(repeat(dim, 5) + repeat(dim + 60, 5) + repeat(dim, 5)), IsEmpty()) << "a lamp";
  EXPECT_THAT(cuts_of(repeat(dim, 5) + repeat(dim * 1.8, 1) + repeat(dim, 5)), IsEmpty()) << "a flash";
  EXPECT_THAT(cuts_of(repeat(scene(1), 5) + repeat(scene(1) * 0.25, 5)), IsEmpty()) << "the light goes out";
}

TEST(CutDetector, AFadeToBlackAndBackIsNone) {
  for (const int frames : {8, 12, 15, 25, 50}) {
    EXPECT_THAT(cuts_of(fade(scene(1), 1, 0, frames) + fade(scene(1), 0, 1, frames)), IsEmpty()) << frames;
  }
}

TEST(CutDetector, EvenFramesAreNone) {
  std::vector<cv::Mat> frames;
  for (const int grey : {0, 0, 10, 255, 0, 128}) {
    frames.emplace_back(kThumbnailHeight, kThumbnailWidth, CV_8U, cv::Scalar(grey));
  }
  EXPECT_THAT(cuts_of(frames), IsEmpty());
}

TEST(CutDetector, OfABlackFrameBetweenBothSidesAreCuts) {
  const cv::Mat black = cv::Mat::zeros(kThumbnailHeight, kThumbnailWidth, CV_8U);
  EXPECT_THAT(cuts_of(repeat(scene(1), 10) + repeat(black, 5) + repeat(scene(2), 10)), ElementsAre(10, 15));
}

struct ClipWithCuts {
  std::string name;
  std::set<std::int64_t> cuts;
};

class CutsOfRealClips : public ::testing::TestWithParam<ClipWithCuts> {};

TEST_P(CutsOfRealClips, AreWhereTheShotsChange) {
  const auto path = std::filesystem::path(FER_SOURCE_DIR) / "../shared/videos" / GetParam().name;
  if (!std::filesystem::exists(path)) GTEST_SKIP() << GetParam().name << " is not at hand";
  VideoFile video(path);
  CutDetector detector;
  std::set<std::int64_t> cuts;
  while (const auto frame = video.next()) {
    const cv::Mat thumbnail = video.thumbnail();
    ASSERT_EQ(thumbnail.size(), cv::Size(kThumbnailWidth, kThumbnailHeight));
    ASSERT_EQ(thumbnail.type(), CV_8UC1);
    if (detector.add(thumbnail)) cuts.insert(frame->index);
  }
  EXPECT_EQ(cuts, GetParam().cuts);
}

INSTANTIATE_TEST_SUITE_P(Shared, CutsOfRealClips,
                         ::testing::Values(ClipWithCuts{"person-changes-hard-cuts.mp4", {72, 132}},
                                           ClipWithCuts{"face-then-noface.mov", {72, 73}},
                                           ClipWithCuts{"noface-then-face.mov", {96, 168}},
                                           ClipWithCuts{"single-face-neutral-to-smile.mp4", {}},
                                           ClipWithCuts{"single-face-night-looking-down.mp4", {}},
                                           ClipWithCuts{"no-face.mp4", {}},
                                           ClipWithCuts{"many-faces-pan.mp4", {}}));

}  // namespace
}  // namespace fer
