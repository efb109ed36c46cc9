#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/videoio.hpp>

#include "fer/data/synthetic_dataset.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using test::error_text;
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

double difference(const cv::Mat& a, const cv::Mat& b) {
  return cv::norm(a, b, cv::NORM_L1) / static_cast<double>(a.total() * 3);
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
      EXPECT_LT(difference(frames[i], wall), 4) << i;
    } else {
      EXPECT_GT(difference(frames[i], wall), 10) << i;
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
    return difference(frames[a](mouth), frames[b](mouth));
  };
  EXPECT_LT(from(19, 16), 0.5 * from(19, 24));
  EXPECT_LT(from(24, 27), 0.5 * from(19, 24));
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
