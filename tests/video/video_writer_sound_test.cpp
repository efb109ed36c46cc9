#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>

#include "clip_writer.hpp"
#include "fer/core/files.hpp"
#include "fer/video/video_file.hpp"
#include "fer/video/video_writer.hpp"
#include "sound_reader.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using test::even_times;
using test::TempFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const cv::Size kSize(64, 48);

/// Silence, but for a tone of 0.1 s from `begin` on.
std::function<float(double)> tone_at(double begin) {
  return [begin](double seconds) {
    if (seconds < begin || seconds >= begin + 0.1) return 0.0F;
    return 0.8F * static_cast<float>(std::sin(2 * std::numbers::pi * 1000 * seconds));
  };
}

/// What is heard of a file: decoded, as players do it.
struct Heard {
  std::string codec = {};         ///< empty: there is no sound
  double start = 0;               ///< of the stream, seconds
  double end = 0;                 ///< likewise
  std::vector<double> loud = {};  ///< the times of samples louder than a tenth

  double tone_begin() const { return loud.empty() ? -1 : loud.front(); }
  double tone_end() const { return loud.empty() ? -1 : loud.back(); }
};

void listen(Heard& heard, const AVFrame& frame, double start) {
  for (int i = 0; i < frame.nb_samples; ++i) {
    const float value =
        frame.format == AV_SAMPLE_FMT_FLTP
            ? reinterpret_cast<const float*>(frame.data[0])[i]
            : static_cast<float>(reinterpret_cast<const std::int16_t*>(frame.data[0])[i]) / 32768;
    if (std::abs(value) > 0.1F) heard.loud.push_back(start + static_cast<double>(i) / frame.sample_rate);
  }
}

Heard hear(const std::filesystem::path& path) {
  SoundReader reader(path, 0);
  const AVStream* stream = reader.stream();
  if (!stream) return {};
  const double tick = av_q2d(stream->time_base);
  Heard heard{.codec = avcodec_get_name(stream->codecpar->codec_id),
              .start = static_cast<double>(stream->start_time) * tick};
  heard.end = heard.start + static_cast<double>(stream->duration) * tick;
  const auto decoder = open_decoder(path, *stream, 1);
  const auto packet = owned(av_packet_alloc());
  const auto frame = owned(av_frame_alloc());
  bool more = true;
  while (more) {
    more = reader.read(*packet);
    avcodec_send_packet(decoder.get(), more ? packet.get() : nullptr);
    while (avcodec_receive_frame(decoder.get(), frame.get()) == 0)
      listen(heard, *frame, static_cast<double>(frame->best_effort_timestamp) * tick);
  }
  return heard;
}

/// Pictures at 25 frames a second until `end`, with the sound of another file.
std::vector<std::string> write_with_sound(const std::filesystem::path& path,
                                          const std::filesystem::path& sound, double end, double zero = 0) {
  VideoWriter writer(path, {.size = kSize, .sound_from = sound, .sound_zero = zero});
  for (int i = 0; i < 25 * end; ++i) writer.write(cv::Mat(kSize, CV_8UC3, cv::Scalar::all(10 + i)), i / 25.0);
  writer.finish(end);
  return writer.warnings();
}

void expect_tone(const Heard& heard, double begin) {
  EXPECT_NEAR(heard.tone_begin(), begin, 0.02);
  EXPECT_NEAR(heard.tone_end(), begin + 0.1, 0.02);
}

class EverySource : public ::testing::TestWithParam<std::string> {};

TEST_P(EverySource, GivesItsSoundAsAacAtTheSameTimes) {
  const TempFolder folder;
  const auto source = folder / ("source." + GetParam());
  test::write_clip(source,
                   {.clock = 25, .times = even_times(50, 25), .sound_first = true, .sound = tone_at(1.3)});
  EXPECT_THAT(write_with_sound(folder / "a.mp4", source, 2), IsEmpty());
  const Heard heard = hear(folder / "a.mp4");
  EXPECT_EQ(heard.codec, "aac");
  EXPECT_NEAR(heard.start, 0, 1e-3);
  EXPECT_NEAR(heard.end, 2, 0.001);
  expect_tone(heard, 1.3);
  VideoFile video(folder / "a.mp4");
  std::size_t frames = 0;
  for (; const auto frame = video.next(); ++frames)
    EXPECT_NEAR(frame->timestamp, static_cast<double>(frames) / 25, 1e-4);
  EXPECT_EQ(frames, 50U);
}

INSTANTIATE_TEST_SUITE_P(All, EverySource, ::testing::Values("mov", "avi", "mkv"),
                         [](const auto& kind) { return kind.param; });

/// A source whose sound is AAC, with a tone at 1.3 s.
void write_aac_source(const TempFolder& folder, const std::filesystem::path& path) {
  test::write_clip(folder / "pcm.mov",
                   {.times = even_times(50, 25), .sound_first = true, .sound = tone_at(1.3)});
  ASSERT_THAT(write_with_sound(path, folder / "pcm.mov", 2), IsEmpty());
}

std::vector<std::string> packets_of(const std::filesystem::path& path) {
  SoundReader reader(path, 0);
  const auto packet = owned(av_packet_alloc());
  std::vector<std::string> packets;
  while (reader.read(*packet))
    packets.emplace_back(reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size));
  return packets;
}

TEST(VideoWriterSound, AacIsCopied) {
  const TempFolder folder;
  write_aac_source(folder, folder / "aac.mp4");
  EXPECT_THAT(write_with_sound(folder / "copy.mp4", folder / "aac.mp4", 2), IsEmpty());
  EXPECT_TRUE(packets_of(folder / "copy.mp4") == packets_of(folder / "aac.mp4"));
  const Heard heard = hear(folder / "copy.mp4");
  EXPECT_NEAR(heard.start, 0, 1e-3);
  EXPECT_NEAR(heard.end, 2, 0.001);
  expect_tone(heard, 1.3);
}

TEST(VideoWriterSound, TimesCountFromTheZeroThatIsGiven) {
  const TempFolder folder;
  write_aac_source(folder, folder / "aac.mp4");
  for (const std::string source : {"pcm.mov", "aac.mp4"}) {
    EXPECT_THAT(write_with_sound(folder / "a.mp4", folder / source, 1, 0.75), IsEmpty());
    expect_tone(hear(folder / "a.mp4"), 0.55);
    EXPECT_NEAR(hear(folder / "a.mp4").start, 0, 0.001) << source;
    EXPECT_THAT(write_with_sound(folder / "b.mp4", folder / source, 3, -0.5), IsEmpty());
    expect_tone(hear(folder / "b.mp4"), 1.8);
  }
}

TEST(VideoWriterSound, AFilesOwnZeroKeepsSoundAndPicturesTogether) {
  const TempFolder folder;
  test::write_clip(
      folder / "late.mkv",
      {.times = even_times(50, 25, 10.2), .sound_first = true, .sound_start = 9.8, .sound = tone_at(11)});
  VideoFile source(folder / "late.mkv");
  EXPECT_NEAR(source.facts().zero, 9.8, 1e-3);
  VideoWriter writer(folder / "a.mp4",
                     {.size = kSize, .sound_from = folder / "late.mkv", .sound_zero = source.facts().zero});
  while (const auto frame = source.next()) writer.write(source.image(), frame->timestamp);
  writer.finish(2.4);
  VideoFile video(folder / "a.mp4");
  const auto first = video.next();
  ASSERT_TRUE(first);
  EXPECT_NEAR(first->timestamp, 0.4, 1e-3);
  expect_tone(hear(folder / "a.mp4"), 1.2);
}

TEST(VideoWriterSound, EndsWithThePictures) {
  const TempFolder folder;
  write_aac_source(folder, folder / "aac.mp4");
  for (const std::string source : {"pcm.mov", "aac.mp4"}) {
    EXPECT_THAT(write_with_sound(folder / "short.mp4", folder / source, 0.73), IsEmpty());
    EXPECT_NEAR(hear(folder / "short.mp4").end, 0.73, 0.001) << source;
    EXPECT_NEAR(VideoFile(folder / "short.mp4").facts().duration_seconds.value_or(-1), 0.73, 0.001);
  }
}

TEST(VideoWriterSound, MayEndBeforeThePictures) {
  const TempFolder folder;
  write_aac_source(folder, folder / "aac.mp4");
  EXPECT_THAT(write_with_sound(folder / "long.mp4", folder / "aac.mp4", 4), IsEmpty());
  EXPECT_NEAR(hear(folder / "long.mp4").end, 2, 0.03);
  EXPECT_NEAR(VideoFile(folder / "long.mp4").facts().duration_seconds.value_or(-1), 4, 0.001);
}

TEST(VideoWriterSound, ALateSoundStaysLate) {
  const TempFolder folder;
  test::write_clip(
      folder / "late.mkv",
      {.times = even_times(50, 25), .sound_first = true, .sound_start = 0.8, .sound = tone_at(1.1)});
  EXPECT_THAT(write_with_sound(folder / "a.mp4", folder / "late.mkv", 2), IsEmpty());
  expect_tone(hear(folder / "a.mp4"), 1.1);
}

TEST(VideoWriterSound, AFileWithoutSoundGivesNone) {
  const TempFolder folder;
  test::write_clip(folder / "silent.mkv", {.times = even_times(10, 25)});
  EXPECT_THAT(write_with_sound(folder / "a.mp4", folder / "silent.mkv", 1), IsEmpty());
  EXPECT_EQ(hear(folder / "a.mp4").codec, "");
}

TEST(VideoWriterSound, AFileThatIsNotThereGivesAWarning) {
  const TempFolder folder;
  EXPECT_THAT(write_with_sound(folder / "a.mp4", folder / "none.mkv", 1),
              ElementsAre(HasSubstr("the sound was left out")));
  EXPECT_NEAR(VideoFile(folder / "a.mp4").facts().duration_seconds.value_or(-1), 1, 0.001);
}

TEST(VideoWriterSound, ADamagedSoundIsNoReasonToFail) {
  const TempFolder folder;
  write_aac_source(folder, folder / "aac.mp4");
  test::write_clip(folder / "front.mov",
                   {.times = even_times(50, 25), .sound_first = true, .front_index = true});
  for (const std::string source : {"front.mov", "aac.mp4"}) {
    const std::string bytes = read_file(folder / source);
    write_file(folder / "cut.mp4", std::string_view(bytes).substr(0, bytes.size() * 2 / 3));
    const auto warnings = write_with_sound(folder / "a.mp4", folder / "cut.mp4", 2);
    if (source == "front.mov") {
      EXPECT_THAT(warnings, ElementsAre("parts of the sound are missing: damaged data in 1 packets"));
    }
    EXPECT_NEAR(VideoFile(folder / "a.mp4").facts().duration_seconds.value_or(-1), 2, 0.001);
    EXPECT_LT(hear(folder / "a.mp4").end, 1.9) << source;
  }
}

TEST(VideoWriterSound, ARealClipsSoundIsCopied) {
  const auto source = std::filesystem::path(FER_SOURCE_DIR) / "../shared/videos/face-then-noface.mov";
  if (!std::filesystem::exists(source)) GTEST_SKIP() << source << " is not at hand";
  const TempFolder folder;
  VideoFile video(source);
  const VideoFacts& facts = video.facts();
  const double duration = facts.duration_seconds.value_or(0);
  VideoWriter writer(folder / "a.mp4", {.size = {facts.width, facts.height},
                                        .fps = facts.fps,
                                        .sound_from = source,
                                        .sound_zero = facts.zero});
  std::vector<double> times;
  while (const auto frame = video.next()) {
    writer.write(video.image(), frame->timestamp);
    times.push_back(frame->timestamp);
  }
  writer.finish(duration);
  EXPECT_THAT(writer.warnings(), IsEmpty());

  VideoFile written(folder / "a.mp4");
  EXPECT_NEAR(written.facts().duration_seconds.value_or(-1), duration, 1 / facts.fps);
  std::size_t count = 0;
  for (; const auto frame = written.next(); ++count) {
    ASSERT_LT(count, times.size());
    EXPECT_NEAR(frame->timestamp, times[count], 1e-4);
  }
  EXPECT_EQ(count, times.size());
  const Heard before = hear(source);
  const Heard after = hear(folder / "a.mp4");
  EXPECT_EQ(after.codec, "aac");
  EXPECT_NEAR(after.tone_begin(), before.tone_begin() - facts.zero, 0.001);
  EXPECT_EQ(after.loud.size(), before.loud.size());
  EXPECT_NEAR(after.end, std::min(before.end - facts.zero, duration), 0.025);
}

}  // namespace
}  // namespace fer
