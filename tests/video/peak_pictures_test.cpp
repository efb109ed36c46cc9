#include "fer/video/peak_pictures.hpp"

#include <gmock/gmock.h>

#include "clip_writer.hpp"
#include "fer/core/stop.hpp"
#include "fer/video/image_sequence.hpp"
#include "fer/video/video_file.hpp"
#include "fer/vision/image.hpp"
#include "made_analysis.hpp"
#include "scripted_source.hpp"

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

/// The grey in the middle of a face's picture.
double middle_of(const cv::Mat& rgb) { return cv::mean(rgb(cv::Rect(250, 250, 12, 12)))[0]; }

TEST(PeakPictures, OfALongRecordingSkipWhatLiesBetween) {
  const TempFolder folder;
  for (const int b_frames : {0, 2}) {
    const ClipSpec spec{
        .times = even_times(60, 1, 0.5),
        .picture = [](std::size_t i) { return cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(10 + 4.0 * i)); },
        .b_frames = b_frames};
    write_clip(folder / "long.mp4", spec);
    VideoFile source(folder / "long.mp4");
    std::vector<double> times;
    while (const auto frame = source.next()) times.push_back(frame->timestamp);
    ASSERT_EQ(times.size(), 60U);
    VideoAnalysis analysis = seen_at(times);
    for (SampledFrame& frame : analysis.frames) frame.faces[0].box = {16, 8, 32, 32};
    const std::vector<ExpressionEvent> events = {event_at(times[0]), event_at(times[3]), event_at(times[31]),
                                                 event_at(times[32]), event_at(times[59])};
    const std::vector<std::size_t> chosen = {0, 1, 2, 3, 4};
    VideoFile again(folder / "long.mp4");
    const auto pictures = peak_pictures(again, analysis, events, chosen);
    ASSERT_EQ(pictures.size(), 5U);
    const std::vector<int> frames = {0, 3, 31, 32, 59};
    for (std::size_t i = 0; i < 5; ++i)
      EXPECT_NEAR(middle_of(pictures[i].rgb), 10 + 4 * frames[i], 3)
          << frames[i] << ", B-frames: " << b_frames;
  }
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
