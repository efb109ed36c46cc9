#include "fer/video/peak_pictures.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "clip_writer.hpp"
#include "fer/core/stop.hpp"
#include "fer/video/image_sequence.hpp"
#include "fer/video/video_file.hpp"
#include "fer/vision/image.hpp"
#include "made_analysis.hpp"
#include "scripted_source.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

ExpressionEvent event_at(double apex, int label = 0, float peak = 0.9F) {
  return {.face_id = 0, .label = label, .onset = apex, .apex = apex, .offset = apex + 1, .peak_prob = peak};
}

/// Frames of one face at these times.
VideoAnalysis seen_at(const std::vector<double>& times) {
  VideoAnalysis analysis = made_analysis(one_face(std::vector<Probabilities>(times.size(), happy())));
  for (std::size_t i = 0; i < times.size(); ++i) analysis.frames[i].timestamp = times[i];
  return analysis;
}

TEST(ChoosePeaks, TakesTheBestOfEachExpressionInTurn) {
  const std::vector<ExpressionEvent> events = {event_at(0, 0, 0.9F), event_at(1, 0, 0.95F),
                                               event_at(2, 0, 0.99F), event_at(3, 1, 0.5F),
                                               event_at(4, 1, 0.6F)};
  EXPECT_THAT(choose_peaks(events, 3), ElementsAre(1, 2, 4));
  EXPECT_THAT(choose_peaks(events, 24), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(choose_peaks({}, 24), IsEmpty());
}

TEST(PeakPictures, LeaveOutWhatIsNotThereAndKeepTheOrderOfTheEvents) {
  ScriptedSource source({0, 0.1, 0.2, 0.3, 0.4});
  const VideoAnalysis analysis = seen_at({0, 0.1, 0.2, 0.3, 0.4});
  const std::vector<ExpressionEvent> events = {event_at(0.3), event_at(0.1), event_at(0.9)};
  const std::vector<std::size_t> chosen = {0, 1, 2};
  const auto pictures = peak_pictures(source, analysis, events, chosen);
  ASSERT_EQ(pictures.size(), 2U) << "no frame is at 0.9 s";
  EXPECT_EQ(pictures[0].event, 0U);
  EXPECT_EQ(pictures[1].event, 1U);
}

TEST(PeakPictures, StopWhenAskedTo) {
  ScriptedSource source({0, 0.1});
  const std::vector<ExpressionEvent> events = {event_at(0.1)};
  const std::vector<std::size_t> chosen = {0};
  EXPECT_THROW(peak_pictures(source, seen_at({0, 0.1}), events, chosen, {.stop = [] { return true; }}),
               Stopped);
}

/// A picture that tells its second by the grey of its upper half and the tenth by that of the lower one.
cv::Mat tenth(std::size_t index) {
  cv::Mat rgb(48, 64, CV_8UC3, cv::Scalar::all(10 + 4.0 * static_cast<double>(index / 10)));
  rgb.rowRange(24, 48).setTo(cv::Scalar::all(20 + 20.0 * static_cast<double>(index % 10)));
  return rgb;
}

TEST(PeakPictures, OfALongRecordingSkipWhatLiesBetween) {
  const TempFolder folder;
  for (const int b_frames : {0, 2}) {
    const std::vector<double> times = even_times(600, 10);
    write_clip(folder / "long.mp4", {.clock = 10, .times = times, .picture = tenth, .b_frames = b_frames});
    VideoAnalysis analysis = seen_at(times);
    for (SampledFrame& frame : analysis.frames) frame.faces[0].box = {16, 8, 32, 32};
    const std::vector<int> frames = {0, 33, 311, 318, 599};
    std::vector<ExpressionEvent> events;
    for (const int frame : frames) events.push_back(event_at(times[static_cast<std::size_t>(frame)]));
    const std::vector<std::size_t> chosen = {0, 1, 2, 3, 4};
    VideoFile source(folder / "long.mp4");
    const auto pictures = peak_pictures(source, analysis, events, chosen);
    ASSERT_EQ(pictures.size(), frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const cv::Mat& rgb = pictures[i].rgb;  // about nine times as large as the recording
      EXPECT_NEAR(cv::mean(rgb(cv::Rect(250, 180, 12, 12)))[0], 10 + 4 * (frames[i] / 10), 2) << frames[i];
      EXPECT_NEAR(cv::mean(rgb(cv::Rect(250, 320, 12, 12)))[0], 20 + 20 * (frames[i] % 10), 9) << frames[i];
    }
  }
}

TEST(VideoFile, SkipsToTheKeyPictureBeforeATimeFarAwayOnly) {
  const TempFolder folder;
  write_clip(folder / "long.mp4", {.clock = 10, .times = even_times(600, 10), .picture = tenth});
  VideoFile video(folder / "long.mp4");
  video.skip_towards(9);
  EXPECT_EQ(video.next()->timestamp, 0.0) << "near: it reads on";
  video.skip_towards(50);
  const auto frame = video.next();
  ASSERT_TRUE(frame);
  EXPECT_GT(frame->timestamp, 40);
  EXPECT_LE(frame->timestamp, 50);
  EXPECT_NEAR(cv::mean(video.image().rowRange(0, 20))[0], 10 + 4 * std::floor(frame->timestamp + 1e-3), 2);
}

TEST(PeakPictures, OfPicturesOpenOnlyThoseShown) {
  const TempFolder folder;
  std::vector<std::filesystem::path> pictures;
  for (int i = 0; i < 6; ++i) {
    pictures.push_back(folder / (std::to_string(i) + ".png"));
    if (i == 0 || i == 4) write_image(pictures.back(), cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(10 * i)));
  }
  ImageSequence source("pictures", pictures, 2);
  source.skip_towards(2.0);
  const auto frame = source.next();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->index, 4);
  EXPECT_FALSE(source.damaged()) << "those that do not exist were not opened";
}

}  // namespace
}  // namespace fer::test
