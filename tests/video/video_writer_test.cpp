#include "fer/video/video_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <csignal>
#include <opencv2/core.hpp>

#include "clip_writer.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/video/video_file.hpp"
#include "ffmpeg.hpp"
#include "support/error_text.hpp"
#include "support/images.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using test::even_times;
using test::TempFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const cv::Size kSmall(64, 48);

cv::Mat grey_picture(std::size_t index, cv::Size size = kSmall) {
  return {size, CV_8UC3, cv::Scalar::all(test::grey_of(index))};
}

/// A video of the default test clips' grey pictures; what it warns of.
std::vector<std::string> write_video(const std::filesystem::path& path, const std::vector<double>& times,
                                     double end, VideoWriterOptions options = {.size = kSmall}) {
  VideoWriter writer(path, options);
  for (std::size_t i = 0; i < times.size(); ++i) writer.write(grey_picture(i, options.size), times[i]);
  writer.finish(end);
  return writer.warnings();
}

void expect_frames(const std::filesystem::path& path, const std::vector<double>& times) {
  VideoFile video(path);
  std::size_t count = 0;
  for (; const auto frame = video.next(); ++count) {
    ASSERT_LT(count, times.size());
    EXPECT_NEAR(frame->timestamp, times[count], 1e-4) << count;
    EXPECT_NEAR(cv::mean(video.image())[0], test::grey_of(count), 3) << count;
  }
  EXPECT_EQ(count, times.size());
  EXPECT_FALSE(video.damaged());
  EXPECT_THAT(video.warnings(), IsEmpty());
}

double duration_of(const std::filesystem::path& path) {
  return VideoFile(path).facts().duration_seconds.value_or(-1);
}

bool has_encoder(const char* name) { return avcodec_find_encoder_by_name(name) != nullptr; }

TEST(VideoWriter, KeepsAnEvenRateInH264) {
  const TempFolder folder;
  for (const double fps : {25.0, 30000.0 / 1001, 60.0}) {
    const auto times = even_times(40, fps);
    const auto warnings = write_video(folder / "a.mp4", times, 40 / fps, {.size = kSmall, .fps = fps});
    expect_frames(folder / "a.mp4", times);
    EXPECT_NEAR(duration_of(folder / "a.mp4"), 40 / fps, 1e-3);
    if (!has_encoder("libx264")) GTEST_SKIP() << "FFmpeg has no libx264 here";
    EXPECT_EQ(VideoFile(folder / "a.mp4").facts().codec, "h264");
    EXPECT_NEAR(VideoFile(folder / "a.mp4").facts().fps, fps, 0.01);
    EXPECT_THAT(warnings, IsEmpty());
  }
}

TEST(VideoWriter, KeepsEachTimeOfAVariableRate) {
  const TempFolder folder;
  const std::vector<double> times = {0, 0.033, 0.034, 0.5, 0.54, 0.58, 1.9, 2.0, 2.033, 7.5};
  for (const std::string encoder : {"libx264", "mpeg4"}) {
    if (!has_encoder(encoder.c_str())) continue;
    write_video(folder / "v.mp4", times, 8.25, {.size = kSmall, .encoders = {encoder}});
    expect_frames(folder / "v.mp4", times);
    EXPECT_NEAR(duration_of(folder / "v.mp4"), 8.25, 1e-3) << encoder;
  }
}

TEST(VideoWriter, LosesNoFrameWhereTimesRoundToTheSameTick) {
  const TempFolder folder;
  write_video(folder / "t.mp4", {0, 0.1, 0.1 + 1e-7, 0.1 + 2e-7, 0.2}, 0.3);
  expect_frames(folder / "t.mp4", {0, 0.1, 0.1, 0.1, 0.2});
}

TEST(VideoWriter, KeepsALateStart) {
  const TempFolder folder;
  write_video(folder / "late.mp4", even_times(10, 25, 0.48), 0.88);
  const auto format = open_container(folder / "late.mp4");
  const AVStream& stream = *format->streams[0];
  EXPECT_NEAR(static_cast<double>(stream.start_time) * av_q2d(stream.time_base), 0.48, 1e-4);
  EXPECT_NEAR(static_cast<double>(format->duration) / AV_TIME_BASE, 0.88, 1e-3);
}

TEST(VideoWriter, TheLastFrameLastsAsLongAsTheNominalRateSaysWhereTheEndIsNotAfterIt) {
  const TempFolder folder;
  write_video(folder / "e.mp4", {0, 0.1}, 0.1, {.size = kSmall, .fps = 10});
  EXPECT_NEAR(duration_of(folder / "e.mp4"), 0.2, 1e-3);
  write_video(folder / "one.mp4", {0}, 0.5);
  expect_frames(folder / "one.mp4", {0});
  EXPECT_NEAR(duration_of(folder / "one.mp4"), 0.5, 1e-3);
}

TEST(VideoWriter, SaysSoWhenItHasNoEncoderForBrowsers) {
  const TempFolder folder;
  const VideoWriterOptions options{.size = kSmall, .encoders = {"no-such-encoder", "mpeg4"}};
  EXPECT_THAT(write_video(folder / "m.mp4", even_times(30, 25), 1.2, options),
              ElementsAre(HasSubstr("mpeg4, which browsers do not play")));
  EXPECT_EQ(VideoFile(folder / "m.mp4").facts().codec, "mpeg4");
  expect_frames(folder / "m.mp4", even_times(30, 25));

  const VideoWriterOptions none{.size = kSmall, .encoders = {"no-such-encoder"}};
  EXPECT_THAT(
      test::error_text(ErrorKind::failure, [&] { return write_video(folder / "n.mp4", {0}, 1, none); }),
      HasSubstr("no-such-encoder"));
}

/// The worst distance of a channel's mean from what was written.
double colour_error(const cv::Mat& rgb, const cv::Scalar& colour) {
  const cv::Scalar mean = cv::mean(rgb);
  return std::max(
      {std::abs(mean[0] - colour[0]), std::abs(mean[1] - colour[1]), std::abs(mean[2] - colour[2])});
}

TEST(VideoWriter, KeepsColoursBelowAndAbove720Lines) {
  const TempFolder folder;
  const std::vector<cv::Scalar> colours = {
      {220, 60, 30}, {20, 200, 40}, {40, 30, 230}, {255, 255, 255}, {0, 0, 0}};
  for (const cv::Size size : {kSmall, cv::Size(1280, 720)}) {
    for (const std::string encoder : {"libx264", "mpeg4"}) {
      if (!has_encoder(encoder.c_str())) continue;
      VideoWriter writer(folder / "c.mp4", {.size = size, .encoders = {encoder}});
      for (std::size_t i = 0; i < colours.size(); ++i)
        writer.write(cv::Mat(size, CV_8UC3, colours[i]), 0.5 * static_cast<double>(i));
      writer.finish(2.5);
      VideoFile video(folder / "c.mp4");
      for (const cv::Scalar& colour : colours) {
        ASSERT_TRUE(video.next());
        EXPECT_LE(colour_error(video.image(), colour), 4) << encoder << " " << size << " " << colour;
      }
    }
  }
}

TEST(VideoWriter, StatesItsColourMatrix) {
  const TempFolder folder;
  for (const auto& [size, matrix] :
       {std::pair{kSmall, AVCOL_SPC_SMPTE170M}, {cv::Size(1280, 720), AVCOL_SPC_BT709}}) {
    write_video(folder / "m.mp4", {0}, 0.04, {.size = size});
    const auto format = open_container(folder / "m.mp4");
    EXPECT_EQ(format->streams[0]->codecpar->color_space, matrix);
    EXPECT_EQ(format->streams[0]->codecpar->color_range, AVCOL_RANGE_MPEG);
    EXPECT_EQ(format->streams[0]->codecpar->format, AV_PIX_FMT_YUV420P);
  }
}

TEST(VideoWriter, OddSizesRepeatTheLastColumnAndRow) {
  const TempFolder folder;
  const cv::Scalar body(40, 90, 160), edge(220, 200, 40);
  cv::Mat rgb(49, 65, CV_8UC3, body);
  rgb.colRange(62, 65).setTo(edge);
  rgb.rowRange(46, 49).setTo(edge);
  VideoWriter writer(folder / "odd.mp4", {.size = rgb.size()});
  writer.write(rgb, 0);
  writer.finish(1);
  VideoFile video(folder / "odd.mp4");
  ASSERT_TRUE(video.next());
  const cv::Mat read = video.image();
  ASSERT_EQ(read.size(), cv::Size(66, 50));
  EXPECT_LE(colour_error(read({4, 4, 52, 36}), body), 4);
  EXPECT_LE(colour_error(read({64, 0, 2, 50}), edge), 20);
  EXPECT_LE(colour_error(read({0, 48, 66, 2}), edge), 20);
}

TEST(VideoWriter, TinySizesAreWritten) {
  const TempFolder folder;
  for (const cv::Size size : {cv::Size(1, 1), cv::Size(2, 2), cv::Size(3, 200), cv::Size(17, 1)}) {
    write_video(folder / "t.mp4", {0, 0.1}, 0.2, {.size = size});
    expect_frames(folder / "t.mp4", {0, 0.1});
    const cv::Size written(VideoFile(folder / "t.mp4").facts().width,
                           VideoFile(folder / "t.mp4").facts().height);
    EXPECT_EQ(written, cv::Size(std::max(16, size.width + size.width % 2), std::max(16, size.height)));
  }
}

TEST(VideoWriter, TakesViewsIntoLargerPictures) {
  const TempFolder folder;
  cv::Mat large(100, 100, CV_8UC3, cv::Scalar(255, 0, 0));
  cv::Mat view = large({11, 7, kSmall.width, kSmall.height});
  view.setTo(cv::Scalar::all(test::grey_of(0)));
  VideoWriter writer(folder / "v.mp4", {.size = kSmall});
  writer.write(view, 0);
  writer.finish(0.1);
  expect_frames(folder / "v.mp4", {0});
}

TEST(VideoWriter, PutsTheIndexInFront) {
  const TempFolder folder;
  write_video(folder / "f.mp4", even_times(20, 25), 0.8);
  const std::string bytes = read_file(folder / "f.mp4");
  ASSERT_NE(bytes.find("mdat"), std::string::npos);
  EXPECT_LT(bytes.find("moov"), bytes.find("mdat"));
}

TEST(VideoWriter, AnyNameIsOrdinary) {
  const TempFolder folder;
  for (const std::string name : {"a b.mp4", "12:30 Gesicht öffnet 眼睛 #1 50%d.mp4", "no ending"}) {
    write_video(folder / name, {0, 0.1}, 0.2);
    expect_frames(folder / name, {0, 0.1});
  }
}

/// Files of at most so many bytes can be written until the end of the scope.
class SmallDisk {
 public:
  explicit SmallDisk(std::size_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SmallDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

void write_noise(const std::filesystem::path& path) {
  VideoWriter writer(path, {.size = {160, 120}});
  for (std::size_t i = 0; i < 40; ++i)
    writer.write(test::noise_image({160, 120}, i + 1), static_cast<double>(i) / 25);
  writer.finish(1.6);
}

TEST(VideoWriter, AFullDiskIsAFailureWithItsReasonAndLeavesNothing) {
  const TempFolder folder;
  write_noise(folder / "whole.mp4");
  const std::size_t size = std::filesystem::file_size(folder / "whole.mp4");
  ASSERT_GT(size, 100'000U);
  // While the pictures are written; while the index is put in front of them; in between, what is buffered.
  for (const std::size_t limit : {std::size_t{0}, std::size_t{50'000}, size - 1500, size - 700, size - 1}) {
    const auto path = folder / ("full " + std::to_string(limit) + ".mp4");
    const std::string text = test::error_text(ErrorKind::failure, [&] {
      const SmallDisk disk(limit);
      write_noise(path);
      return 0;
    });
    EXPECT_THAT(text, HasSubstr(path.string()));
    EXPECT_THAT(text, HasSubstr("File too large"));
  }
  std::vector<std::string> left;
  for (const auto& entry : std::filesystem::directory_iterator(folder / ""))
    left.push_back(entry.path().filename());
  EXPECT_THAT(left, ElementsAre("whole.mp4"));
}

TEST(VideoWriter, AFolderThatIsNotThereIsAFailure) {
  const TempFolder folder;
  EXPECT_THAT(
      test::error_text(ErrorKind::failure, [&] { return write_video(folder.path() / "none/a.mp4", {0}, 1); }),
      HasSubstr("none/a.mp4: cannot write"));
}

TEST(VideoWriter, WithoutAnEndThereIsNoFile) {
  const TempFolder folder;
  {
    VideoWriter writer(folder / "a.mp4", {.size = kSmall});
    for (std::size_t i = 0; i < 30; ++i) writer.write(grey_picture(i), static_cast<double>(i));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder / ""));
}

TEST(VideoWriter, RefusesWhatItCannotWrite) {
  const TempFolder folder;
  VideoWriter writer(folder / "a.mp4", {.size = kSmall});
  const auto refused = [&](const cv::Mat& rgb, double time) {
    return test::error_text(ErrorKind::failure, [&] {
      writer.write(rgb, time);
      return 0;
    });
  };
  EXPECT_THAT(test::error_text(ErrorKind::failure,
                               [&] {
                                 writer.finish(1);
                                 return 0;
                               }),
              HasSubstr("without a frame"));
  EXPECT_THAT(refused(grey_picture(0), -0.1), HasSubstr("a frame at -0.1 s"));
  EXPECT_THAT(refused(grey_picture(0), std::nan("")), HasSubstr("a frame at nan s"));
  EXPECT_THAT(refused(grey_picture(0, {64, 47}), 0), HasSubstr("64 x 47, expected RGB of 64 x 48"));
  EXPECT_THAT(refused(cv::Mat(kSmall, CV_8UC1), 0), HasSubstr("expected RGB"));
  writer.write(grey_picture(0), 0.5);
  EXPECT_THAT(refused(grey_picture(1), 0.5), HasSubstr("a frame at 0.5 s after one at 0.5 s"));
  writer.finish(1);
  EXPECT_THAT(refused(grey_picture(1), 2), HasSubstr("finished"));

  for (const VideoWriterOptions& options :
       {VideoWriterOptions{.size = {0, 48}}, {.size = kSmall, .fps = 0}, {.size = kSmall, .threads = 0}})
    test::error_text(ErrorKind::usage, [&] { return VideoWriter(folder / "b.mp4", options).warnings(); });
}

}  // namespace
}  // namespace fer
