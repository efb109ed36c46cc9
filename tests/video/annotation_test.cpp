#include "fer/video/annotation.hpp"

#include <gmock/gmock.h>

#include <opencv2/imgproc.hpp>

#include "annotation_drawing.hpp"
#include "clip_writer.hpp"
#include "fer/core/emotion_colours.hpp"
#include "fer/core/stop.hpp"
#include "fer/video/image_sequence.hpp"
#include "fer/video/video_file.hpp"
#include "fer/vision/image.hpp"
#include "ffmpeg.hpp"
#include "shown_faces.hpp"
#include "support/images.hpp"
#include "support/temp_folder.hpp"
#include "timeline_strip.hpp"

namespace fer {
namespace {

using test::even_times;
using test::TempFolder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

const cv::Size kPicture(320, 240);
const cv::Rect2f kBox(100, 60, 80, 90);

/// A face whose smoothed label is certain.
FaceResult face(int id, cv::Rect2f box, int label = 3, float probability = 0.9F) {
  FaceResult result{.face_id = id, .box = box, .smoothed_label = label};
  result.smoothed.assign(7, (1 - probability) / 6);
  result.smoothed.at(static_cast<std::size_t>(label)) = probability;
  result.probabilities = result.smoothed;
  return result;
}

/// Sampled frames at these indices of a video of so many frames a second.
std::vector<SampledFrame> samples(const std::vector<std::int64_t>& frames, double fps) {
  std::vector<SampledFrame> sampled;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const std::int64_t until = i + 1 < frames.size() ? frames[i + 1] : frames[i] + 1;
    sampled.push_back({.frame = frames[i],
                       .timestamp = static_cast<double>(frames[i]) / fps,
                       .seconds = static_cast<double>(until - frames[i]) / fps});
  }
  return sampled;
}

/// What an analysis of a source knows of it before there are faces.
VideoAnalysis analysis_of(const FrameSource& source, std::vector<SampledFrame> frames) {
  return {.video = source.path().filename().string(),
          .facts = source.facts(),
          .frames = std::move(frames),
          .frames_total = source.facts().frames_announced,
          .duration_seconds = source.facts().duration_seconds};
}

std::vector<cv::Mat> pictures_of(const std::filesystem::path& path) {
  VideoFile video(path);
  std::vector<cv::Mat> pictures;
  while (video.next()) pictures.push_back(video.image().clone());
  return pictures;
}

std::vector<double> times_of(const std::filesystem::path& path) {
  VideoFile video(path);
  std::vector<double> times;
  while (const auto frame = video.next()) times.push_back(frame->timestamp);
  return times;
}

/// The largest distance of a channel's mean from a colour's.
double colour_error(const cv::Mat& rgb, Rgb colour) {
  const cv::Scalar mean = cv::mean(rgb);
  return std::max(
      {std::abs(mean[0] - colour.red), std::abs(mean[1] - colour.green), std::abs(mean[2] - colour.blue)});
}

Rgb pixel(const cv::Mat& rgb, int x, int y) {
  const auto& value = rgb.at<cv::Vec3b>(y, x);
  return {value[0], value[1], value[2]};
}

/// How much neighbouring pixels differ.
double detail(const cv::Mat& rgb) {
  cv::Mat edges;
  cv::Laplacian(rgb, edges, CV_32F);
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(edges, mean, deviation);
  return deviation[0];
}

Rgb colour_of(int label) { return emotion_colours(ClassList()).at(static_cast<std::size_t>(label)); }

TEST(ShownFaces, MoveStraightBetweenSampledFrames) {
  auto frames = samples({0, 10}, 10);
  frames[0].faces = {face(4, {10, 20, 30, 40}, 1)};
  frames[1].faces = {face(7, {200, 200, 9, 9}), face(4, {20, 0, 50, 40}, 2)};
  const auto shown = shown_faces(frames, {.index = 5, .timestamp = 0.5});
  ASSERT_THAT(shown, SizeIs(1));
  EXPECT_EQ(shown[0].box, cv::Rect2f(15, 10, 40, 40));
  EXPECT_EQ(shown[0].result->smoothed_label, 1);
  EXPECT_THAT(shown_faces(frames, {.index = 10, .timestamp = 1}), SizeIs(2));
}

TEST(ShownFaces, StayUntilHalfWayWhereTheNextSampledFrameDoesNotHaveThem) {
  auto frames = samples({2, 12}, 10);
  frames[0].faces = {face(0, kBox)};
  EXPECT_THAT(shown_faces(frames, {.index = 1, .timestamp = 0.1}), IsEmpty());
  EXPECT_THAT(shown_faces(frames, {.index = 6, .timestamp = 0.6}), SizeIs(1));
  EXPECT_THAT(shown_faces(frames, {.index = 8, .timestamp = 0.8}), IsEmpty());
}

TEST(ShownFaces, TheLastSampledFrameStandsForItsTime) {
  auto frames = samples({0, 3}, 10);
  frames[1].faces = {face(0, kBox)};
  frames[1].seconds = 0.3;
  EXPECT_THAT(shown_faces(frames, {.index = 5, .timestamp = 0.5}), SizeIs(1));
  EXPECT_THAT(shown_faces(frames, {.index = 7, .timestamp = 0.7}), IsEmpty());
}

bool covered(const FaceCover& cover, std::int64_t frame, cv::Point2f point) {
  return std::ranges::any_of(cover.at(frame),
                             [&](const CoveredArea& area) { return area.area.contains(point); });
}

TEST(FaceCover, ReachesFromTheSampledFrameBeforeToTheOneAfter) {
  auto frames = samples({0, 10, 20, 30}, 10);
  frames[1].faces = {face(0, {100, 100, 40, 40})};
  frames[2].faces = {face(0, {200, 100, 40, 40})};
  const FaceCover cover(frames);
  EXPECT_TRUE(covered(cover, 0, {120, 120}));
  EXPECT_TRUE(covered(cover, 9, {120, 120}));
  for (const float x : {120.F, 170.F, 220.F}) EXPECT_TRUE(covered(cover, 15, {x, 120})) << x;
  EXPECT_TRUE(covered(cover, 29, {220, 120}));
  EXPECT_FALSE(covered(cover, 30, {220, 120}));
  EXPECT_FALSE(covered(cover, 29, {120, 120}));
  EXPECT_TRUE(covered(cover, 10, {92, 92}));  // the margin
}

TEST(FaceCover, BridgesGapsOfAFaceThatKeepsItsId) {
  auto frames = samples({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 25);
  frames[0].faces = {face(0, {100, 100, 40, 40})};
  frames[9].faces = {face(0, {160, 100, 40, 40})};
  const FaceCover cover(frames);
  for (std::int64_t frame = 0; frame < 9; ++frame) {
    EXPECT_TRUE(covered(cover, frame, {120, 120})) << frame;
    EXPECT_TRUE(covered(cover, frame, {180, 120})) << frame;
  }
}

TEST(FaceCover, LastsAQuarterOfASecondWhereAFaceWithoutAnIdIsLost) {
  std::vector<std::int64_t> every;
  for (int i = 0; i < 40; ++i) every.push_back(i);
  auto frames = samples(every, 20);
  for (std::size_t i = 10; i < 20; ++i) frames[i].others = {{100, 100, 40, 40}};
  const FaceCover cover(frames);
  EXPECT_FALSE(covered(cover, 4, {120, 120}));
  for (std::int64_t frame = 6; frame <= 24; ++frame) EXPECT_TRUE(covered(cover, frame, {120, 120})) << frame;
  EXPECT_FALSE(covered(cover, 26, {120, 120}));
  EXPECT_LE(cover.at(15).size(), 2U);  // no more work for being sampled often
}

TEST(FaceCover, FollowsAFaceThatIsNoLongerClassified) {
  auto frames = samples({0, 10}, 10);
  frames[0].faces = {face(0, {100, 100, 40, 40})};
  frames[1].others = {{150, 100, 40, 40}};
  EXPECT_TRUE(covered(FaceCover(frames), 5, {145, 120}));
}

TEST(FaceCover, TheWholeRecordingAfterTheLastSampledFrame) {
  auto frames = samples({0, 10}, 10);
  frames[1].others = {{100, 100, 40, 40}};
  EXPECT_TRUE(covered(FaceCover(frames), 1000, {120, 120}));
}

TEST(CoverArea, LeavesNoDetail) {
  for (const cv::Rect2f area : {cv::Rect2f(30, 30, 60, 60), {-20, -20, 60, 60}, {100, 80, 500, 500}}) {
    cv::Mat rgb = test::noise_image({160, 120});
    const cv::Mat before = rgb.clone();
    cover_area(rgb, {.area = area, .face_side = 40});
    const cv::Rect inside = cv::Rect(area) & cv::Rect({}, rgb.size());
    EXPECT_LT(detail(rgb(inside)), 0.25 * detail(before(inside))) << area;
    rgb(inside).copyTo(before(inside));
    EXPECT_TRUE(test::same_pixels(rgb, before)) << area;
  }
}

TEST(CoverArea, TakesAnyArea) {
  for (const cv::Rect2f area : {cv::Rect2f(-90, 0, 50, 50), {5, 5, 0, 0}, {-1e9F, -1e9F, 2e9F, 2e9F}}) {
    cv::Mat rgb = test::noise_image({16, 9});
    cover_area(rgb, {.area = area, .face_side = 3});
    EXPECT_EQ(rgb.size(), cv::Size(16, 9));
  }
}

class Drawn : public ::testing::Test {
 protected:
  cv::Mat draw(cv::Size size, const std::vector<FaceResult>& faces, double time = 0.5) {
    analysis.frames = samples({0, 10}, 10);
    analysis.frames[0].faces = faces;
    std::vector<ShownFace> shown;
    for (const FaceResult& result : analysis.frames[0].faces) shown.push_back({&result, result.box});
    cv::Mat rgb(size, CV_8UC3, cv::Scalar::all(128));
    AnnotationDrawing(size, analysis, {0, 1}).draw(rgb, shown, time);
    return rgb;
  }

  VideoAnalysis analysis;
};

TEST_F(Drawn, ABoxHasTheColourOfItsEmotion) {
  for (int label = 0; label < 7; ++label) {
    const cv::Mat rgb = draw(kPicture, {face(0, kBox, label)});
    EXPECT_EQ(pixel(rgb, 100, 100), colour_of(label)) << label;
    EXPECT_EQ(pixel(rgb, 140, 149), colour_of(label)) << label;
    EXPECT_EQ(pixel(rgb, 140, 100), (Rgb{128, 128, 128})) << "the face stays free";
  }
}

TEST_F(Drawn, AWithheldLabelIsGrey) {
  analysis.interpretation.abstain = 0.5;
  EXPECT_EQ(pixel(draw(kPicture, {face(0, kBox, 3, 0.4F)}), 100, 100), kUncertainColour);
  EXPECT_EQ(pixel(draw(kPicture, {face(0, kBox, 3, 0.6F)}), 100, 100), colour_of(3));
}

TEST_F(Drawn, ThePlateIsAboveTheBoxOrBelowAtTheUpperEdge) {
  EXPECT_EQ(pixel(draw(kPicture, {face(0, kBox)}), 102, 55), colour_of(3));
  EXPECT_EQ(pixel(draw(kPicture, {face(0, {100, 2, 80, 90})}), 102, 97), colour_of(3));
}

TEST_F(Drawn, BarsAreAsLongAsTheProbabilities) {
  const cv::Mat rgb = draw({1280, 720}, {face(0, {200, 200, 200, 200}, 0, 1.0F)});
  EXPECT_EQ(pixel(rgb, 410, 203), colour_of(0));
  EXPECT_EQ(pixel(rgb, 440, 203), colour_of(0));
  EXPECT_NE(pixel(rgb, 440, 215), colour_of(1));  // probability 0
}

TEST_F(Drawn, FacesPartlyOrWhollyOutsideDoNoHarm) {
  for (const cv::Rect2f box : {cv::Rect2f(-40, -30, 80, 90),
                               {280, 200, 80, 90},
                               {-500, 0, 10, 10},
                               {-1e9F, -1e9F, 2e9F, 2e9F},
                               {50, 50, 0, 0}}) {
    EXPECT_EQ(draw(kPicture, {face(0, box)}).size(), kPicture) << box;
  }
  EXPECT_EQ(pixel(draw(kPicture, {face(0, {-40, 60, 80, 90})}), 39, 100), colour_of(3));
}

TEST_F(Drawn, AnySizeWillDo) {
  for (const cv::Size size : {cv::Size(1, 1), cv::Size(2, 1), cv::Size(64, 48), cv::Size(33, 301),
                              cv::Size(301, 33), cv::Size(25, 25), cv::Size(1000, 24)}) {
    const auto w = static_cast<float>(size.width);
    const auto h = static_cast<float>(size.height);
    std::vector<FaceResult> faces;
    for (int i = 0; i < 7; ++i)
      faces.push_back(face(1000 * i, {w / 10 * static_cast<float>(i), h / 4, w / 2, h / 2}, i));
    EXPECT_EQ(draw(size, faces).size(), size);
  }
}

TEST_F(Drawn, WordsOfAnyLengthStayInThePicture) {
  analysis.classes = ClassList({"a name that is wider than the whole picture is " + std::string(300, 'm'),
                                "b", "c", "d", "e", "f", "g"});
  EXPECT_EQ(draw(kPicture, {face(0, kBox, 0)}).size(), kPicture);
}

class Strip : public ::testing::Test {
 protected:
  /// The colour of the strip's row at a time.
  Rgb at(const TimelineStrip& strip, double time, int row = 0, int rows = 1) {
    cv::Mat rgb(kPicture, CV_8UC3, cv::Scalar::all(128));
    strip.draw(rgb, time < 5 ? 10 : 0);  // the cursor is elsewhere
    return pixel(rgb, strip.column(time),
                 strip.chart().y + strip.chart().height * (2 * row + 1) / (2 * rows));
  }

  VideoAnalysis analysis{.frames = samples({0, 10, 20, 30, 40, 50, 60, 70, 80, 90}, 10)};
};

TEST_F(Strip, ShowsLabelsOverTimeAndGapsWithoutAFace) {
  for (std::size_t i = 0; i < 10; ++i) {
    if (i != 4) analysis.frames[i].faces = {face(0, kBox, i < 4 ? 3 : 4)};
  }
  analysis.frames[9].seconds = 1;
  const TimelineStrip strip(kPicture, analysis, {0, 10});
  EXPECT_EQ(at(strip, 0.5), colour_of(3));
  EXPECT_EQ(at(strip, 3.5), colour_of(3));
  EXPECT_NE(at(strip, 4.5), colour_of(3));
  EXPECT_NE(at(strip, 4.5), colour_of(4));
  EXPECT_EQ(at(strip, 5.5), colour_of(4));
  EXPECT_EQ(at(strip, 9.5), colour_of(4));
}

TEST_F(Strip, HasARowForEachOfTheFacesSeenMost) {
  for (std::size_t i = 0; i < 10; ++i) {
    for (int id = 0; id < 7; ++id) {
      if (id != 2 && (id != 5 || i == 0)) analysis.frames[i].faces.push_back(face(id, kBox, id));
    }
  }
  const TimelineStrip strip(kPicture, analysis, {0, 10});
  const std::vector<int> ids = {0, 1, 3, 4, 6};
  for (int row = 0; row < 5; ++row)
    EXPECT_EQ(at(strip, 2, row, 5), colour_of(ids[static_cast<std::size_t>(row)])) << row;
}

TEST_F(Strip, StandsForTheExcerpt) {
  analysis.frames[5].faces = {face(0, kBox, 0)};
  const TimelineStrip strip(kPicture, analysis, {5, 7});
  EXPECT_EQ(strip.column(5), strip.chart().x);
  EXPECT_EQ(strip.column(7), strip.chart().br().x - 1);
  EXPECT_EQ(at(strip, 5.9), colour_of(0));
  EXPECT_NE(at(strip, 6.1), colour_of(0));
}

TEST_F(Strip, ItsCursorIsAtThePresent) {
  const TimelineStrip strip(kPicture, analysis, {0, 10});
  for (const double time : {0.0, 2.5, 10.0}) {
    cv::Mat rgb(kPicture, CV_8UC3, cv::Scalar::all(128));
    strip.draw(rgb, time);
    EXPECT_EQ(pixel(rgb, strip.column(time), strip.chart().y), (Rgb{255, 255, 255})) << time;
  }
}

TEST_F(Strip, TakesAtMostAQuarterOfThePicture) {
  for (std::size_t i = 0; i < 10; ++i) analysis.frames[0].faces.push_back(face(static_cast<int>(i), kBox));
  for (const cv::Size size : {cv::Size(24, 24), cv::Size(64, 48), kPicture, cv::Size(1080, 1920)}) {
    const TimelineStrip strip(size, analysis, {0, 10});
    EXPECT_LE(strip.area().height, size.height / 4) << size;
    EXPECT_EQ(strip.area().br(), cv::Point(size)) << size;
  }
}

/// A clip of noise and its analysis, with one face in each sampled frame.
class Annotated : public ::testing::Test {
 protected:
  void make(const std::vector<double>& times, const std::vector<std::int64_t>& sampled) {
    test::write_clip(source, {.size = kPicture,
                              .times = times,
                              .picture = [](std::size_t i) { return test::noise_image(kPicture, i + 1); },
                              .sound_first = with_sound});
    std::vector<SampledFrame> frames;
    for (const std::int64_t index : sampled) {
      frames.push_back({.frame = index,
                        .timestamp = times.at(static_cast<std::size_t>(index)),
                        .seconds = 0.1,
                        .faces = {face(0, kBox)}});
    }
    analysis = analysis_of(VideoFile(source), frames);
    analysis.frames_total = static_cast<std::int64_t>(times.size());
  }

  std::vector<std::string> annotate(const AnnotationOptions& options = {},
                                    const AnalysisControl& control = {}) {
    VideoFile video(source);
    return annotate_video(video, analysis, result, options, control);
  }

  TempFolder folder;
  std::filesystem::path source = folder / "source.mov";
  std::filesystem::path result = folder / "annotated.mp4";
  bool with_sound = false;
  VideoAnalysis analysis;
};

TEST_F(Annotated, EveryFrameKeepsItsTimeWhateverIsSampled) {
  const std::vector<double> uneven = {0, 0.033, 0.1, 0.5, 0.54, 0.58, 1.9, 2.0};
  for (const auto& times : {even_times(20, 25), uneven}) {
    for (const std::vector<std::int64_t>& sampled : {std::vector<std::int64_t>{0, 3, 6}, {}}) {
      make(times, sampled);
      annotate();
      const auto written = times_of(result);
      ASSERT_EQ(written.size(), times.size());
      for (std::size_t i = 0; i < times.size(); ++i) EXPECT_NEAR(written[i], times[i], 1e-3) << i;
      EXPECT_NEAR(*VideoFile(result).facts().duration_seconds, *analysis.duration_seconds, 2e-3);
    }
  }
}

TEST_F(Annotated, BoxesAreInThePicturesBetweenSampledFramesToo) {
  make(even_times(10, 10), {0, 9});
  annotate();
  for (const cv::Mat& rgb : pictures_of(result))
    EXPECT_LT(colour_error(rgb({101, 48, 80, 2}), colour_of(3)), 60);
}

TEST_F(Annotated, FacesAreUnrecognisableInEveryFrame) {
  make(even_times(10, 10), {0, 4, 9});
  analysis.frames[1].faces.clear();
  analysis.frames[2].faces[0].box.x += 60;
  annotate({.blur_faces = true});
  const auto pictures = pictures_of(result);
  ASSERT_THAT(pictures, SizeIs(10));
  const cv::Rect inside(105, 65, 70, 80);
  const cv::Rect elsewhere(8, 8, 70, 80);
  for (std::size_t i = 0; i < 9; ++i)
    EXPECT_LT(detail(pictures[i](inside)), 0.5 * detail(pictures[i](elsewhere))) << i;
  annotate({.blur_faces = false});
  const cv::Mat plain = pictures_of(result).at(2);
  EXPECT_GT(detail(plain(inside)), 0.7 * detail(plain(elsewhere)));
}

TEST_F(Annotated, ResultsDoNotDependOnTheNumberOfThreads) {
  make(even_times(12, 25), {0, 5, 10});
  annotate({.blur_faces = true, .threads = 1});
  const auto one = pictures_of(result);
  annotate({.blur_faces = true, .threads = 3});
  const auto three = pictures_of(result);
  ASSERT_EQ(one.size(), three.size());
  // The encoder may divide its work otherwise; what was drawn is the same.
  for (std::size_t i = 0; i < one.size(); ++i)
    EXPECT_LT(cv::norm(one[i], three[i], cv::NORM_L1) / 3 / 76800, 4);
}

TEST_F(Annotated, AnExcerptBeginsAtZeroAndEndsWithItsFrames) {
  make(even_times(20, 10), {5, 8});
  analysis.options.sampling.start = 0.5;
  analysis.options.sampling.end = 1.2;
  annotate();
  const auto written = times_of(result);
  ASSERT_THAT(written, SizeIs(7));
  for (std::size_t i = 0; i < written.size(); ++i)
    EXPECT_NEAR(written[i], 0.1 * static_cast<double>(i), 1e-3);
  EXPECT_NEAR(*VideoFile(result).facts().duration_seconds, 0.7, 2e-3);
}

TEST_F(Annotated, AnAnalysisThatWasStoppedIsShownAsFarAsItGoes) {
  make(even_times(20, 10), {0, 3});
  analysis.frames_total = 5;
  analysis.stopped = true;
  annotate();
  EXPECT_THAT(times_of(result), SizeIs(5));
}

TEST_F(Annotated, ADamagedRecordingEndsWhereItBreaksOff) {
  make(even_times(20, 10), {0, 5, 10, 15});
  analysis.frames.back().seconds = 0.5;
  analysis.damaged = true;
  analysis.duration_seconds = 3600;
  annotate();
  EXPECT_NEAR(*VideoFile(result).facts().duration_seconds, 2, 2e-3);
}

TEST_F(Annotated, KeepsTheSound) {
  with_sound = true;
  make(even_times(50, 25), {0, 10});
  for (const double start : {0.0, 1.0}) {
    analysis.options.sampling.start = start;
    EXPECT_THAT(annotate({.sound_from = source}), IsEmpty());
    const auto container = open_container(result);
    ASSERT_EQ(container->nb_streams, 2U);
    const AVStream& sound = *container->streams[1];
    EXPECT_NEAR(static_cast<double>(sound.duration) * av_q2d(sound.time_base), 2 - start, 0.1);
  }
}

TEST_F(Annotated, CountsTheFramesItReads) {
  make(even_times(5, 25), {0});
  std::vector<std::pair<std::size_t, std::size_t>> steps;
  annotate({}, {.progress = [&](std::size_t done, std::size_t total) { steps.emplace_back(done, total); }});
  EXPECT_THAT(steps, ElementsAre(Pair(1, 5), Pair(2, 5), Pair(3, 5), Pair(4, 5), Pair(5, 5)));
}

TEST_F(Annotated, AStopLeavesNoFile) {
  make(even_times(40, 25), {0});
  std::size_t asked = 0;
  EXPECT_THROW(annotate({}, {.stop = [&] { return ++asked > 20; }}), Stopped);
  EXPECT_EQ(asked, 21U);
  std::filesystem::remove(source);
  EXPECT_TRUE(std::filesystem::is_empty(folder / ""));
}

TEST(AnnotatedPictures, OfOtherSizesAreBroughtToThatOfTheFirst) {
  const TempFolder folder;
  std::vector<std::filesystem::path> paths;
  for (const cv::Size size : {cv::Size(200, 100), cv::Size(400, 200), cv::Size(100, 100)}) {
    paths.push_back(folder / (std::to_string(paths.size()) + ".png"));
    write_image(paths.back(), cv::Mat(size, CV_8UC3, cv::Scalar::all(128)));
  }
  ImageSequence first(folder / "", paths, 5);
  auto frames = samples({0, 1, 2}, 5);
  frames[1].faces = {face(0, {100, 50, 200, 100}, 0)};  // pixels of that picture
  const VideoAnalysis analysis = analysis_of(first, frames);
  annotate_video(first, analysis, folder / "a.mp4");
  const auto pictures = pictures_of(folder / "a.mp4");
  ASSERT_THAT(pictures, SizeIs(3));
  for (const cv::Mat& rgb : pictures) EXPECT_EQ(rgb.size(), cv::Size(200, 100));
  EXPECT_GT(pictures[1].at<cv::Vec3b>(40, 50)[0], pictures[1].at<cv::Vec3b>(40, 50)[2] + 30);
  EXPECT_NEAR(*VideoFile(folder / "a.mp4").facts().duration_seconds, 0.6, 2e-3);
}

}  // namespace
}  // namespace fer
