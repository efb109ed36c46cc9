#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <opencv2/videoio.hpp>

#include "fer/data/synthetic_dataset.hpp"
#include "support/error_text.hpp"
#include "support/images.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using test::error_text;
using test::mean_difference;
using test::TempFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

SyntheticVideoOptions short_video(const std::filesystem::path& path) {
  return {.path = path,
          .segments = {"neutral", "", "surprise"},
          .segment_seconds = 2,
          .fps = 5,
          .size = {160, 120}};
}

std::vector<cv::Mat> frames_of(const std::filesystem::path& path) {
  cv::VideoCapture video(path.string());
  std::vector<cv::Mat> frames;
  for (cv::Mat frame; video.read(frame);) frames.push_back(frame.clone());
  return frames;
}

TEST(SyntheticVideoTest, VideoAndLabelsAreWrittenAndNothingElse) {
  const TempFolder folder;
  const auto labels = write_synthetic_video(short_video(folder / "person.mp4"));
  EXPECT_EQ(labels, folder.path() / "person.labels.csv");
  EXPECT_THAT(folder.files(), ElementsAre("person.labels.csv", "person.mp4"));
  EXPECT_EQ(read_file(labels), "second,label\n0,neutral\n1,neutral\n2,\n3,\n4,surprise\n5,surprise\n");
}

TEST(SyntheticVideoTest, TheVideoHasTheFramesRateAndSizeAskedFor) {
  const TempFolder folder;
  std::size_t last = 0;
  write_synthetic_video(short_video(folder / "person.mp4"), [&](std::size_t done, std::size_t total) {
    EXPECT_EQ(total, 30U);
    EXPECT_EQ(done, ++last);
  });
  EXPECT_EQ(last, 30U);
  EXPECT_DOUBLE_EQ(cv::VideoCapture((folder / "person.mp4").string()).get(cv::CAP_PROP_FPS), 5);
  const auto frames = frames_of(folder / "person.mp4");
  EXPECT_THAT(frames, SizeIs(30));
  for (const cv::Mat& frame : frames) EXPECT_EQ(frame.size(), cv::Size(160, 120));
}

TEST(SyntheticVideoTest, ThePersonIsAwayWhereTheLabelIsEmpty) {
  const TempFolder folder;
  write_synthetic_video(short_video(folder / "person.mp4"));
  const auto frames = frames_of(folder / "person.mp4");
  ASSERT_THAT(frames, SizeIs(30));
  const cv::Mat& wall = frames[15];
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const bool away = i >= 10 && i < 20;
    if (away) {
      EXPECT_LT(mean_difference(frames[i], wall), 4) << i;
    } else {
      EXPECT_GT(mean_difference(frames[i], wall), 10) << i;
    }
  }
}

TEST(SyntheticVideoTest, ALabelHoldsFromTwoTenthsOfASecondOn) {
  const TempFolder folder;
  auto options = short_video(folder / "person.mp4");
  options.segments = {"neutral", "surprise"};
  options.segment_seconds = 1;
  options.fps = 20;
  write_synthetic_video(options);
  const auto frames = frames_of(options.path);
  ASSERT_THAT(frames, SizeIs(40));
  const cv::Rect mouth(60, 68, 40, 30);  // where the jaw of the surprised face drops
  const auto from = [&](std::size_t a, std::size_t b) {
    return mean_difference(frames[a](mouth), frames[b](mouth));
  };
  EXPECT_LT(from(19, 16), 0.5 * from(19, 24));
  EXPECT_LT(from(24, 27), 0.5 * from(19, 24));
}

/// A video of one second of one face, without a change of expression.
SyntheticVideoOptions still_video(const std::filesystem::path& path, double noise) {
  return {.path = path,
          .segments = {"happy"},
          .segment_seconds = 1,
          .fps = 20,
          .size = {160, 120},
          .noise = noise};
}

/// The mean difference of a frame to the one before it.
double unrest(const std::vector<cv::Mat>& frames) {
  double sum = 0;
  for (std::size_t i = 1; i < frames.size(); ++i) sum += mean_difference(frames[i], frames[i - 1]);
  return sum / static_cast<double>(frames.size() - 1);
}

TEST(SyntheticVideoTest, TheSameOptionsGiveTheSamePicturesAndAnotherSeedOthers) {
  const TempFolder folder;
  auto options = still_video(folder / "a.mp4", 0.7);
  const auto film = [&](const char* name) {
    options.path = folder / name;
    write_synthetic_video(options);
    return frames_of(options.path);
  };
  const auto a = film("a.mp4"), b = film("b.mp4");
  options.seed = 43;
  const auto other = film("c.mp4");
  ASSERT_THAT(a, SizeIs(20));
  ASSERT_THAT(b, SizeIs(20));
  ASSERT_THAT(other, SizeIs(20));
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_LT(mean_difference(a[i], b[i]), 4) << i;  // the encoder is not the same to the bit
    EXPECT_GT(mean_difference(a[i], other[i]), 10) << i;
  }
}

TEST(SyntheticVideoTest, TheStrongerTheNoiseTheLessAFrameIsLikeTheOneBefore) {
  const TempFolder folder;
  const auto unrest_at = [&](double noise) {
    write_synthetic_video(still_video(folder / "person.mp4", noise));
    return unrest(frames_of(folder / "person.mp4"));
  };
  const double none = unrest_at(0), some = unrest_at(0.5), most = unrest_at(1);
  EXPECT_GT(some, 1.5 * none);
  EXPECT_GT(most, 1.2 * some);
}

TEST(SyntheticVideoTest, PeopleStandSideBySideEachASegmentAheadOfTheLast) {
  const TempFolder folder;
  auto options = short_video(folder / "people.mp4");
  options.people = 3;
  options.size = {320, 120};
  options.segment_seconds = 1;
  const auto labels = write_synthetic_video(options);
  EXPECT_EQ(read_file(labels),
            "second,label,label_2,label_3\n0,neutral,,surprise\n1,,surprise,neutral\n2,surprise,neutral,\n");

  const auto frames = frames_of(options.path);
  ASSERT_THAT(frames, SizeIs(15));
  const std::array<int, 3> away = {1, 0, 2};  // in each segment, from the left
  for (int place = 0; place < 3; ++place) {
    const cv::Rect head(320 * place / 3 + 30, 20, 46, 80);
    const std::size_t empty = static_cast<std::size_t>(std::ranges::find(away, place) - away.begin());
    const cv::Mat wall = frames[5 * empty + 2](head);
    EXPECT_LT(mean_difference(frames[5 * empty + 3](head), wall), 4) << place;
    for (std::size_t i = 2; i < frames.size(); i += 5) {
      if (i / 5 == empty) continue;
      EXPECT_GT(mean_difference(frames[i](head), wall), 10) << place << ' ' << i;
    }
  }
}

TEST(SyntheticVideoTest, WhatCannotBeFilmedIsRefusedAndLeavesNothing) {
  const TempFolder folder;
  const auto refused = [&](auto change) {
    auto options = short_video(folder / "person.mp4");
    change(options);
    return error_text(ErrorKind::usage, [&] { return write_synthetic_video(options); });
  };
  using Options = SyntheticVideoOptions;
  EXPECT_THAT(refused([](Options& options) { options.path.replace_extension(".gif"); }), HasSubstr(".mp4"));
  EXPECT_THAT(refused([](Options& options) { options.segments = {}; }), HasSubstr("segment"));
  EXPECT_THAT(refused([](Options& options) { options.segments = {"supprise"}; }), HasSubstr("'surprise'"));
  EXPECT_THAT(refused([](Options& options) { options.segment_seconds = 0; }), HasSubstr("second"));
  EXPECT_THAT(refused([](Options& options) { options.fps = 0; }), HasSubstr("fps is 0"));
  EXPECT_THAT(refused([](Options& options) { options.size = {161, 120}; }), HasSubstr("161x120"));
  EXPECT_THAT(refused([](Options& options) { options.noise = 1.5; }), HasSubstr("noise is 1.5"));
  EXPECT_THAT(refused([](Options& options) { options.people = 4; }), HasSubstr("people is 4"));
  EXPECT_THAT(refused([](Options& options) { options.subject = 0; }), HasSubstr("subject is 0"));
  EXPECT_THAT(folder.files(), IsEmpty());
}

TEST(SyntheticVideoTest, AMissingFolderIsNamed) {
  const TempFolder folder;
  EXPECT_THAT(
      error_text(ErrorKind::failure,
                 [&] { return write_synthetic_video(short_video(folder.path() / "none" / "a.mp4")); }),
      HasSubstr("none"));
}

}  // namespace
}  // namespace fer
