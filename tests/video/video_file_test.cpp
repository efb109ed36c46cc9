#include "fer/video/video_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <tuple>

#include "clip_writer.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using test::even_times;
using test::TempFolder;
using test::write_clip;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<Frame> read_all(VideoFile& video) {
  std::vector<Frame> frames;
  while (const auto frame = video.next()) frames.push_back(*frame);
  return frames;
}

double grey(const cv::Mat& rgb) { return cv::mean(rgb)[0]; }

cv::Scalar mean_of(const cv::Mat& rgb, const cv::Rect& area) { return cv::mean(rgb(area)); }

MATCHER_P2(IsColour, colour, tolerance, "") {
  for (int k = 0; k < 3; ++k) {
    if (std::abs(arg[k] - colour[k]) > tolerance) return false;
  }
  return true;
}

void expect_times(const std::vector<Frame>& frames, const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(frames.size(), expected.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    EXPECT_EQ(frames[i].index, static_cast<std::int64_t>(i));
    EXPECT_NEAR(frames[i].timestamp, expected[i], tolerance) << i;
  }
}

std::string error_of(const std::filesystem::path& path) {
  try {
    VideoFile video(path);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_THAT(error.what(), HasSubstr(path.string()));
    return error.what();
  }
  ADD_FAILURE() << path << " was opened";
  return {};
}

/// A file and its encoder.
using Kind = std::pair<std::string, std::string>;

class EveryContainer : public ::testing::TestWithParam<Kind> {};

TEST_P(EveryContainer, GivesEachFrameWithItsTimeInOrder) {
  const TempFolder folder;
  const auto path = folder / GetParam().first;
  write_clip(path, {.codec = GetParam().second, .clock = 25, .times = even_times(40, 25)});
  VideoFile video(path);
  EXPECT_EQ(video.facts().width, 64);
  EXPECT_EQ(video.facts().height, 48);
  EXPECT_EQ(video.facts().codec, GetParam().second);
  EXPECT_NEAR(video.facts().fps, 25, 0.5);
  EXPECT_NEAR(video.facts().duration_seconds.value_or(-1), 1.6, 0.045);

  std::size_t count = 0;
  for (; const auto frame = video.next(); ++count) {
    EXPECT_EQ(frame->index, static_cast<std::int64_t>(count));
    EXPECT_NEAR(frame->timestamp, static_cast<double>(count) / 25, 6e-4);
    EXPECT_NEAR(grey(video.image()), test::grey_of(count), 2.5);
  }
  EXPECT_EQ(count, 40U);
  EXPECT_FALSE(video.damaged());
  EXPECT_THAT(video.warnings(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, EveryContainer,
                         ::testing::Values(Kind{"a.mp4", "mpeg4"}, Kind{"a.mov", "mjpeg"},
                                           Kind{"a.avi", "mpeg4"}, Kind{"a.mkv", "ffv1"},
                                           Kind{"a.ts", "mpeg2video"}),
                         [](const auto& kind) { return kind.param.first.substr(2); });

/// Matroska and MP4 state when a recording ends, not how long it is; 5 s too long looked like a file cut off.
TEST(VideoFile, ARecordingThatBeginsLateIsNoLongerThanItsPictures) {
  const TempFolder folder;
  for (const auto& [name, codec] :
       {Kind{"late.mkv", "ffv1"}, {"late.mp4", "mpeg4"}, {"late.ts", "mpeg2video"}}) {
    write_clip(folder / name, {.codec = codec, .clock = 25, .times = even_times(40, 25, 5)});
    VideoFile video(folder / name);
    EXPECT_NEAR(video.facts().duration_seconds.value_or(-1), 1.6, 0.045) << name;
    expect_times(read_all(video), even_times(40, 25), 1e-3);
    EXPECT_FALSE(video.damaged()) << name;
    EXPECT_THAT(video.warnings(), IsEmpty()) << name;
  }
}

TEST(VideoFile, ShowsReorderedPicturesInPresentationOrder) {
  const TempFolder folder;
  write_clip(folder / "b.mp4", {.times = even_times(40, 30), .b_frames = 2});
  VideoFile video(folder / "b.mp4");
  double last = -1;
  while (const auto frame = video.next()) {
    EXPECT_NEAR(frame->timestamp, static_cast<double>(frame->index) / 30, 1e-4);
    EXPECT_GT(grey(video.image()), last);
    last = grey(video.image());
  }
  EXPECT_NEAR(last, test::grey_of(39), 3);
}

TEST(VideoFile, KeepsTheTimesOfAVariableFrameRate) {
  const TempFolder folder;
  const std::vector<double> times = {0, 0.033, 0.1, 0.5, 0.54, 0.58, 1.9, 2.0, 2.033, 2.5};
  for (const std::string name : {"v.mp4", "v.mkv"}) {
    write_clip(folder / name, {.times = times});
    VideoFile video(folder / name);
    expect_times(read_all(video), times, 6e-4);
  }
}

TEST(VideoFile, CountsFromTheContainersStart) {
  const TempFolder folder;
  write_clip(folder / "late.ts", {.codec = "mpeg2video", .clock = 25, .times = even_times(10, 25, 100)});
  VideoFile alone(folder / "late.ts");
  expect_times(read_all(alone), even_times(10, 25), 1e-4);

  write_clip(folder / "late.mkv", {.times = even_times(10, 25, 0.48), .sound_first = true});
  VideoFile after_sound(folder / "late.mkv");
  expect_times(read_all(after_sound), even_times(10, 25, 0.48), 1e-3);
}

TEST(VideoFile, FindsTheVideoBehindTheSound) {
  const TempFolder folder;
  write_clip(folder / "s.mov", {.times = even_times(30, 30), .sound_first = true});
  VideoFile video(folder / "s.mov");
  expect_times(read_all(video), even_times(30, 30), 1e-4);
}

TEST(VideoFile, OneFrameIsAVideo) {
  const TempFolder folder;
  write_clip(folder / "one.mp4", {.times = {0}});
  VideoFile video(folder / "one.mp4");
  expect_times(read_all(video), {0}, 0);
  EXPECT_THAT(video.warnings(), IsEmpty());
}

TEST(VideoFile, OddSizesAndNamesAreOrdinary) {
  const TempFolder folder;
  const auto path = folder / "50%: Gesicht öffnet 眼睛 #1.mkv";
  const auto picture = [](std::size_t) {
    cv::Mat rgb(33, 51, CV_8UC3, cv::Scalar(20, 40, 60));
    rgb.col(50).setTo(cv::Scalar(200, 180, 160));
    rgb.row(32).setTo(cv::Scalar(0, 250, 0));
    return rgb;
  };
  write_clip(path, {.codec = "ffv1", .size = {51, 33}, .times = even_times(3, 10), .picture = picture});
  VideoFile video(path);
  ASSERT_TRUE(video.next());
  const cv::Mat rgb = video.image();
  ASSERT_EQ(rgb.size(), cv::Size(51, 33));
  EXPECT_TRUE(rgb.isContinuous());
  EXPECT_THAT(mean_of(rgb, {0, 0, 50, 32}), IsColour(cv::Scalar(20, 40, 60), 2));
  EXPECT_THAT(mean_of(rgb, {50, 0, 1, 32}), IsColour(cv::Scalar(200, 180, 160), 2));
  EXPECT_THAT(mean_of(rgb, {0, 32, 51, 1}), IsColour(cv::Scalar(0, 250, 0), 2));
}

TEST(VideoFile, HonoursTheColourMatrix) {
  const TempFolder folder;
  const cv::Scalar colour(220, 60, 30);
  for (const bool bt709 : {false, true}) {
    write_clip(folder / "c.mkv", {.codec = "ffv1",
                                  .times = {0, 0.1},
                                  .picture = [&](std::size_t) { return cv::Mat(48, 64, CV_8UC3, colour); },
                                  .bt709 = bt709});
    VideoFile video(folder / "c.mkv");
    ASSERT_TRUE(video.next());
    EXPECT_THAT(cv::mean(video.image()), IsColour(colour, 3)) << "BT.709: " << bt709;
  }
}

/// Red, green, blue and white quarters, from the top left on by rows.
cv::Mat quarters(std::size_t) {
  cv::Mat rgb(48, 64, CV_8UC3, cv::Scalar(255, 255, 255));
  rgb({0, 0, 32, 24}).setTo(cv::Scalar(255, 0, 0));
  rgb({32, 0, 32, 24}).setTo(cv::Scalar(0, 255, 0));
  rgb({0, 24, 32, 24}).setTo(cv::Scalar(0, 0, 255));
  return rgb;
}

/// "RGBW" for an image of that kind.
std::string quarters_of(const cv::Mat& rgb) {
  std::string letters;
  for (const int y : {rgb.rows / 4, rgb.rows * 3 / 4}) {
    for (const int x : {rgb.cols / 4, rgb.cols * 3 / 4}) {
      const cv::Vec3b pixel = rgb.at<cv::Vec3b>(y, x);
      const bool red = pixel[0] > 128, green = pixel[1] > 128, blue = pixel[2] > 128;
      letters += red && green && blue ? 'W' : red ? 'R' : green ? 'G' : blue ? 'B' : '?';
    }
  }
  return letters;
}

using Turn = std::tuple<int, bool, std::string>;  // clockwise, then mirrored, quarters as they must appear

class EveryOrientation : public ::testing::TestWithParam<Turn> {};

TEST_P(EveryOrientation, IsMadeUpright) {
  const auto& [clockwise, mirrored, expected] = GetParam();
  const TempFolder folder;
  write_clip(folder / "r.mp4",
             {.times = even_times(3, 10), .picture = quarters, .clockwise = clockwise, .mirrored = mirrored});
  VideoFile video(folder / "r.mp4");
  ASSERT_TRUE(video.next());
  const cv::Size size = clockwise % 180 == 0 ? cv::Size(64, 48) : cv::Size(48, 64);
  EXPECT_EQ(video.image().size(), size);
  EXPECT_EQ(cv::Size(video.facts().width, video.facts().height), size);
  EXPECT_EQ(quarters_of(video.image()), expected);
  EXPECT_TRUE(mirrored || video.facts().rotation == clockwise) << video.facts().rotation;
}

INSTANTIATE_TEST_SUITE_P(All, EveryOrientation,
                         ::testing::Values(Turn{0, false, "RGBW"}, Turn{90, false, "BRWG"},
                                           Turn{180, false, "WBGR"}, Turn{270, false, "GWRB"},
                                           Turn{0, true, "GRWB"}, Turn{90, true, "RBGW"}));

TEST(VideoFile, MakesPixelsSquare) {
  const TempFolder folder;
  write_clip(folder / "dv.mkv", {.codec = "ffv1", .times = even_times(2, 10), .pixel_aspect = 1.5});
  VideoFile video(folder / "dv.mkv");
  ASSERT_TRUE(video.next());
  EXPECT_EQ(video.facts().width, 96);
  EXPECT_EQ(video.image().size(), cv::Size(96, 48));
}

TEST(VideoFile, ImagesOutliveTheirFrame) {
  const TempFolder folder;
  write_clip(folder / "a.mkv", {.codec = "ffv1", .times = even_times(2, 10)});
  VideoFile video(folder / "a.mkv");
  EXPECT_THROW(video.image(), Error);
  ASSERT_TRUE(video.next());
  const cv::Mat first = video.image();
  ASSERT_TRUE(video.next());
  EXPECT_NEAR(grey(video.image()), test::grey_of(1), 1);
  EXPECT_NEAR(grey(first), test::grey_of(0), 1);
  EXPECT_FALSE(video.next());
  EXPECT_FALSE(video.next());
  EXPECT_THROW(video.image(), Error);
}

TEST(VideoFile, ThreadsChangeNothing) {
  const TempFolder folder;
  write_clip(folder / "t.mp4", {.times = even_times(30, 30), .b_frames = 2});
  VideoFile one(folder / "t.mp4", 1);
  VideoFile four(folder / "t.mp4", 4);
  while (const auto frame = one.next()) {
    const auto same = four.next();
    ASSERT_TRUE(same);
    EXPECT_EQ(frame->timestamp, same->timestamp);
    EXPECT_EQ(cv::norm(one.image(), four.image(), cv::NORM_INF), 0);
  }
  EXPECT_FALSE(four.next());
}

/// `share` of the bytes of a file.
void cut_file(const std::filesystem::path& from, const std::filesystem::path& to, double share) {
  const std::string bytes = read_file(from);
  write_file(to, std::string_view(bytes).substr(
                     0, static_cast<std::size_t>(share * static_cast<double>(bytes.size()))));
}

/// Noise, so that the bytes are spread evenly over the time.
cv::Mat noise(std::size_t index) {
  cv::Mat rgb(48, 64, CV_8UC3);
  cv::RNG(index + 1).fill(rgb, cv::RNG::UNIFORM, 0, 255);
  return rgb;
}

class EveryCutContainer : public ::testing::TestWithParam<Kind> {};

TEST_P(EveryCutContainer, GivesTheFramesBeforeTheBreakAndAWarning) {
  const TempFolder folder;
  const auto whole = folder / GetParam().first;
  write_clip(whole, {.codec = GetParam().second,
                     .times = even_times(100, 25),
                     .picture = noise,
                     .front_index = whole.extension() == ".mp4"});
  const auto path = folder / ("cut-" + GetParam().first);
  cut_file(whole, path, 0.5);
  VideoFile video(path);
  const auto frames = read_all(video);
  EXPECT_GT(frames.size(), 40U);
  EXPECT_LT(frames.size(), 60U);
  expect_times(frames, even_times(frames.size(), 25), 6e-4);
  EXPECT_TRUE(video.damaged());
  ASSERT_FALSE(video.warnings().empty());
  EXPECT_THAT(video.warnings().front(), HasSubstr("decoding stopped at"));
}

INSTANTIATE_TEST_SUITE_P(All, EveryCutContainer,
                         ::testing::Values(Kind{"a.mp4", "mpeg4"}, Kind{"a.mkv", "mpeg4"}),
                         [](const auto& kind) { return kind.param.first.substr(2); });

TEST(VideoFile, DamageInTheMiddleIsReported) {
  const TempFolder folder;
  write_clip(folder / "a.mkv", {.times = even_times(60, 30), .picture = noise});
  std::string bytes = read_file(folder / "a.mkv");
  for (std::size_t i = bytes.size() / 2; i < bytes.size() / 2 + 9000; ++i)
    bytes[i] = static_cast<char>(i * 131);
  write_file(folder / "bad.mkv", bytes);
  VideoFile video(folder / "bad.mkv");
  const auto frames = read_all(video);
  EXPECT_GE(frames.size(), 28U);
  EXPECT_TRUE(video.damaged());
  EXPECT_FALSE(video.warnings().empty());
}

TEST(VideoFile, TimesThatRunBackAreReplacedAndReported) {
  const TempFolder folder;
  write_clip(folder / "back.mov", {.codec = "ffv1", .times = {1.0, 1.1, 1.2, 1.15, 1.2, 1.5}});
  VideoFile video(folder / "back.mov");
  EXPECT_NEAR(video.facts().fps, 10, 0.01);
  expect_times(read_all(video), {0, 0.1, 0.2, 0.3, 0.4, 0.5}, 1e-3);
  ASSERT_EQ(video.warnings().size(), 1U);
  EXPECT_THAT(video.warnings().front(), HasSubstr("no usable time for 2 frames"));
}

TEST(VideoFile, BadInputIsADataErrorWithItsReason) {
  const TempFolder folder;
  EXPECT_THAT(error_of(folder / "absent.mp4"), HasSubstr("no such"));
  EXPECT_THAT(error_of(folder / ""), HasSubstr("folder"));
  write_file(folder / "empty.mp4", "");
  EXPECT_THAT(error_of(folder / "empty.mp4"), HasSubstr("empty"));
  write_file(folder / "junk.mp4", std::string(5000, 'x'));
  EXPECT_THAT(error_of(folder / "junk.mp4"), HasSubstr("cannot be read as a video"));
  std::string text;
  for (int i = 0; i < 300; ++i) text += "Session 3, camera 1: he smiles at 0:42\n";
  write_file(folder / "notes.txt", text);
  EXPECT_THAT(error_of(folder / "notes.txt"), HasSubstr("a text, not a video"));
}

TEST(VideoFile, AnIndexLostWithTheEndOfTheFileIsADataError) {
  const TempFolder folder;
  write_clip(folder / "a.mp4", {.times = even_times(50, 25)});
  cut_file(folder / "a.mp4", folder / "cut.mp4", 0.5);
  EXPECT_THAT(error_of(folder / "cut.mp4"), HasSubstr("cannot be read as a video"));
}

TEST(VideoFile, AVideoWithoutPicturesIsADataError) {
  const TempFolder folder;
  write_clip(folder / "a.mkv", {.codec = "ffv1", .times = even_times(50, 25), .picture = noise});
  // The header is whole, the first picture is not there.
  cut_file(folder / "a.mkv", folder / "head.mkv", 0.005);
  error_of(folder / "head.mkv");
}

std::string little_endian(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

TEST(VideoFile, SoundAloneIsADataError) {
  const TempFolder folder;
  write_file(folder / "sound.wav", "RIFF" + little_endian(36 + 8000, 4) + "WAVEfmt " + little_endian(16, 4) +
                                       little_endian(1, 2) + little_endian(1, 2) + little_endian(8000, 4) +
                                       little_endian(16000, 4) + little_endian(2, 2) + little_endian(16, 2) +
                                       "data" + little_endian(8000, 4) + std::string(8000, '\0'));
  EXPECT_THAT(error_of(folder / "sound.wav"), HasSubstr("no video in it"));
}

TEST(VideoFile, ACoverPictureIsNoVideo) {
  std::vector<unsigned char> cover;
  cv::imencode(".png", cv::Mat(32, 32, CV_8UC3, cv::Scalar(1, 2, 3)), cover);
  const std::string picture = std::string("\0image/png\0\3\0", 13) + std::string(cover.begin(), cover.end());
  const auto big_endian = [](std::size_t value, int bits) {
    std::string text;
    for (int i = 3; i >= 0; --i) text += static_cast<char>(value >> (bits * i) & ((1U << bits) - 1));
    return text;
  };
  const std::string frame = "APIC" + big_endian(picture.size(), 8) + std::string(2, '\0') + picture;
  std::string bytes = std::string("ID3\3\0\0", 6) + big_endian(frame.size(), 7) + frame;
  for (int i = 0; i < 40; ++i)
    bytes += "\xFF\xFB\x90\xC4" + std::string(413, '\0');  // MPEG-1 layer 3, silence
  const TempFolder folder;
  write_file(folder / "song.mp3", bytes);
  EXPECT_THAT(error_of(folder / "song.mp3"), HasSubstr("cover picture"));
}

}  // namespace
}  // namespace fer
