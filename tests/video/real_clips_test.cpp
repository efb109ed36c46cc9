#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "fer/video/frame_sampler.hpp"
#include "fer/video/video_file.hpp"

namespace fer {
namespace {

/// What FFmpeg's own ffprobe says of a real recording.
struct KnownClip {
  std::string name;
  std::int64_t frames;
  double duration;
  int width;
  int height;
  std::string codec;
  std::size_t sampled;                   // at 3 frames a second
  std::map<std::int64_t, double> times;  // of some frames, the last among them
};

class RealClip : public ::testing::TestWithParam<KnownClip> {};

TEST_P(RealClip, HasItsFramesAndTimes) {
  const KnownClip& known = GetParam();
  const auto path = std::filesystem::path(FER_SOURCE_DIR) / "../shared/videos" / known.name;
  if (!std::filesystem::exists(path)) GTEST_SKIP() << known.name << " is not at hand";
  VideoFile video(path);
  EXPECT_EQ(video.facts().width, known.width);
  EXPECT_EQ(video.facts().height, known.height);
  EXPECT_EQ(video.facts().codec, known.codec);
  EXPECT_EQ(video.facts().rotation, 0);
  ASSERT_TRUE(video.facts().duration_seconds);
  EXPECT_NEAR(*video.facts().duration_seconds, known.duration, 6e-4);

  FrameSampler sampler({});
  std::size_t sampled = 0;
  std::int64_t count = 0;
  double last = -1;
  for (; const auto frame = video.next(); ++count) {
    EXPECT_EQ(frame->index, count);
    EXPECT_GT(frame->timestamp, last);
    last = frame->timestamp;
    sampled += sampler.take(*frame);
    if (known.times.contains(count)) {
      EXPECT_NEAR(frame->timestamp, known.times.at(count), 1e-6) << count;
    }
  }
  EXPECT_EQ(count, known.frames);
  EXPECT_EQ(known.times.rbegin()->first, count - 1);
  EXPECT_EQ(sampled, known.sampled);
  EXPECT_FALSE(video.damaged());
  EXPECT_TRUE(video.warnings().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Shared, RealClip,
    ::testing::Values(
        KnownClip{"single-face-neutral-to-smile.mp4",
                  72,
                  2.4,
                  640,
                  360,
                  "h264",
                  8,
                  {{1, 0.033333}, {2, 0.066667}, {24, 0.800000}, {71, 2.366667}}},
        KnownClip{
            "single-face-night-looking-down.mp4",
            115,
            4.575,
            596,
            336,
            "h264",
            14,
            {{1, 0.040000}, {2, 0.080000}, {38, 1.520000}, {71, 2.840000}, {72, 2.880000}, {114, 4.560000}}},
        KnownClip{
            "face-then-noface.mov",
            169,
            6.402,
            960,
            540,
            "hevc",
            20,
            {{1, 0.033333}, {2, 0.066667}, {56, 1.866667}, {71, 2.366667}, {72, 2.400000}, {168, 6.360352}}},
        KnownClip{
            "noface-then-face.mov",
            169,
            6.379,
            960,
            540,
            "hevc",
            20,
            {{1, 0.013672}, {2, 0.055339}, {56, 2.305339}, {71, 2.930339}, {72, 2.972005}, {168, 6.345296}}},
        KnownClip{
            "no-face.mp4",
            95,
            3.945,
            960,
            540,
            "h264",
            12,
            {{1, 0.041667}, {2, 0.083333}, {31, 1.291667}, {71, 2.958333}, {72, 3.000000}, {94, 3.916667}}},
        KnownClip{
            "many-faces-pan.mp4",
            150,
            6.0,
            960,
            540,
            "h264",
            18,
            {{1, 0.040000}, {2, 0.080000}, {50, 2.000000}, {71, 2.840000}, {72, 2.880000}, {149, 5.960000}}},
        KnownClip{"person-changes-hard-cuts.mp4",
                  192,
                  6.4,
                  640,
                  360,
                  "h264",
                  20,
                  {{1, 0.033333},
                   {2, 0.066667},
                   {64, 2.133333},
                   {71, 2.366667},
                   {72, 2.400000},
                   {191, 6.366667}}}));

}  // namespace
}  // namespace fer
