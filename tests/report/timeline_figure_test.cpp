#include "fer/report/timeline_figure.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "fer/core/random.hpp"
#include "printed_figure.hpp"

namespace fer {
namespace {

using test::faults_of;
using test::parts_of;
using test::texts_of;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

FaceResult made_face(int id, std::vector<float> probabilities) {
  FaceResult face{.face_id = id, .probabilities = std::move(probabilities)};
  face.smoothed = face.probabilities;
  return face;
}

/// Ten frames a second.
VideoAnalysis made_video(std::vector<std::vector<FaceResult>> faces,
                         ClassList classes = ClassList({"happy", "sad"})) {
  VideoAnalysis analysis{.video = "talk.mp4", .classes = std::move(classes)};
  for (std::size_t i = 0; i < faces.size(); ++i) {
    analysis.frames.push_back({.frame = static_cast<std::int64_t>(i),
                               .timestamp = static_cast<double>(i) / 10,
                               .seconds = 0.1,
                               .faces = std::move(faces[i])});
  }
  return analysis;
}

/// The curves of a class: the thin, then the thick ones; the legend comes before them.
std::vector<FigureLine> curves_of(const Figure& figure, const VideoAnalysis& analysis, std::size_t label) {
  auto lines = parts_of<FigureLine>(figure);
  lines.erase(lines.begin(), lines.begin() + analysis.classes.size());
  const Rgb colour = emotion_colours(analysis.classes)[label];
  std::erase_if(lines, [&](const FigureLine& line) { return line.pen.colour != colour; });
  return lines;
}

TEST(TimelineFigure, ShowsRawAndSmoothedProbabilitiesAtTheirTimes) {
  VideoAnalysis video = made_video({{made_face(1, {1, 0})}, {made_face(1, {0, 1})}, {made_face(1, {0, 1})}});
  for (SampledFrame& frame : video.frames) frame.faces[0].smoothed = {0.5, 0.5};
  const Figure figure = timeline_figure(video, {});
  const auto curves = curves_of(figure, video, 0);
  ASSERT_EQ(curves.size(), 2U);
  const auto& raw = curves[0].points;
  const auto& smoothed = curves[1].points;
  EXPECT_LT(curves[0].pen.width, curves[1].pen.width / 2);
  ASSERT_EQ(raw.size(), 4U);  // three frames, and the end of the last
  const double bottom = raw[1].y, height = bottom - raw[0].y;
  EXPECT_GT(height, 40);
  EXPECT_NEAR(raw[2].y, bottom, 1e-9);
  for (const cv::Point2d& point : smoothed) EXPECT_NEAR(point.y, bottom - height / 2, 1e-9);
  for (std::size_t i = 0; i < 4; ++i)
    EXPECT_NEAR(raw[i].x, std::lerp(raw[0].x, raw[3].x, static_cast<double>(i) / 3), 1e-9);
  EXPECT_GT(raw[3].x - raw[0].x, 0.85 * kTwoColumns);
}

TEST(TimelineFigure, LeavesGapsWhereTheFaceWasNotSeen) {
  const FaceResult one = made_face(1, {1, 0}), two = made_face(2, {0, 1});
  // Face 1 is away for one frame in which face 2 is there, and nobody is there in the last but one.
  const VideoAnalysis video = made_video({{one, two}, {two}, {one, two}, {one}, {}, {one}});
  const Figure figure = timeline_figure(video, {});
  std::vector<std::size_t> lengths;
  for (const FigureLine& line : curves_of(figure, video, 0))
    if (line.pen.width > 1) lengths.push_back(line.points.size());
  EXPECT_THAT(lengths, ElementsAre(2, 3, 2, 4));  // face 1's three runs and face 2's, each with its end
  EXPECT_THAT(texts_of(figure), IsSupersetOf({HasSubstr("face 1: "), HasSubstr("face 2: ")}));

  const auto boxes = parts_of<FigureBox>(figure);
  ASSERT_EQ(boxes.size(), 3U);  // the strip of coverage and its two dark parts
  EXPECT_NEAR(boxes[1].area.width, boxes[0].area.width * 4 / 6, 1e-6);
  EXPECT_NEAR(boxes[2].area.width, boxes[0].area.width / 6, 1e-6);
  EXPECT_NEAR(boxes[2].area.br().x, boxes[0].area.br().x, 1e-6);
  EXPECT_GT(test::contrast(boxes[1].fill, boxes[0].fill), 3);
}

TEST(TimelineFigure, ShowsEventsAsBarsInTheColourOfTheirEmotion) {
  const VideoAnalysis video = made_video(std::vector<std::vector<FaceResult>>(10, {made_face(1, {1, 0})}));
  const std::vector<ExpressionEvent> events = {
      {.face_id = 1, .label = 0, .onset = 0.1, .offset = 0.5},
      {.face_id = 2, .label = 1, .onset = 0, .offset = 1},  // a face that is not shown
      {.face_id = 1, .label = 1, .onset = 0.5, .offset = 0.51}};
  const Figure figure = timeline_figure(video, events);
  const auto bars = parts_of<FigureBox>(figure);
  const auto colours = emotion_colours(video.classes);
  ASSERT_EQ(bars.size(), 4U);
  EXPECT_EQ(bars[0].fill, colours[0]);
  EXPECT_EQ(bars[1].fill, colours[1]);
  EXPECT_NEAR(bars[0].area.width, 0.4 * bars[2].area.width, 1e-6);
  EXPECT_NEAR(bars[1].area.x, bars[0].area.br().x, 1e-6);
  std::vector<std::string> on_bars;
  for (const FigureText& text : parts_of<FigureText>(figure)) {
    for (const FigureBox& bar : {bars[0], bars[1]}) {
      if (!bar.area.contains(text.at)) continue;
      on_bars.push_back(text.words);
      EXPECT_GT(test::contrast(text.type.colour, bar.fill), 4);
    }
  }
  EXPECT_THAT(on_bars, ElementsAre("happy"));  // the other has no room for its name
}

TEST(TimelineFigure, ShowsTheSixFacesSeenMostAndSaysHowManyItLeavesOut) {
  std::vector<std::vector<FaceResult>> frames(10);
  for (int id = 1; id <= 9; ++id) {
    for (int frame = 0; frame <= id; ++frame)
      frames[static_cast<std::size_t>(frame)].push_back(made_face(id, {1, 0}));
  }
  const Figure figure = timeline_figure(made_video(frames), {});
  const auto texts = texts_of(figure);
  for (int id = 1; id <= 9; ++id) {
    EXPECT_EQ(std::ranges::count_if(
                  texts, [&](const auto& text) { return text.starts_with(fmt::format("face {}:", id)); }),
              id > 3 ? 1 : 0);
  }
  EXPECT_THAT(texts, Contains("3 further faces, each with 4 frames or fewer, not shown"));
  EXPECT_THAT(faults_of(figure), IsEmpty());
}

TEST(TimelineFigure, IsDrawnWithoutFacesAndWithoutFrames) {
  const Figure nobody = timeline_figure(made_video({{}, {}}), {});
  EXPECT_THAT(texts_of(nobody), Contains("no face was seen"));
  EXPECT_THAT(faults_of(nobody), IsEmpty());
  const Figure nothing = timeline_figure(made_video({}), {});
  EXPECT_THAT(texts_of(nothing), Contains("no frame was looked at"));
  EXPECT_THAT(faults_of(nothing), IsEmpty());
}

/// Six faces that come and go at random for an hour, at three frames a second, with events without end.
VideoAnalysis busy_hour(const ClassList& classes) {
  VideoAnalysis analysis{.video = "<script>.mp4", .classes = classes};
  const auto count = static_cast<std::size_t>(classes.size());
  Rng rng(1);
  for (int i = 0; i < 3 * 3600; ++i) {
    SampledFrame frame{.frame = i, .timestamp = i / 3.0, .seconds = 1 / 3.0};
    for (int id = 1; id <= 6; ++id) {
      if (rng.uniform() < 0.3) continue;
      std::vector<float> row(count);
      for (float& share : row) share = static_cast<float>(rng.uniform());
      frame.faces.push_back(made_face(id, row));
    }
    analysis.frames.push_back(frame);
  }
  return analysis;
}

TEST(TimelineFigure, OfAnHourIsLessThanAMegabyteAndFitsAPage) {
  std::vector<std::string> many;
  for (int i = 0; i < 20; ++i) many.push_back(fmt::format("an emotion with a long name {}", i + 1));
  for (const ClassList& classes : {ClassList(), ClassList(many)}) {
    const VideoAnalysis video = busy_hour(classes);
    std::vector<ExpressionEvent> events;
    for (int i = 0; i < 6 * 3600; ++i) {
      const double onset = i / 6;
      events.push_back({.face_id = 1 + i % 6, .label = i % 7, .onset = onset, .offset = onset + 0.9});
    }
    const Figure figure = timeline_figure(video, events);
    EXPECT_LT(figure_svg(figure).size(), 1'000'000U) << classes.size();
    EXPECT_THAT(faults_of(figure), IsEmpty());
    EXPECT_THAT(texts_of(figure), IsSupersetOf({"0:00", "30:00", "1:00:00", classes.name(0).c_str()}));
    EXPECT_LT(figure.size().height, (classes.size() == 7 ? 240 : 280) / 25.4 * 72);
  }
}

TEST(TimelineFigure, MeansOverAColumnWhereThereAreMoreFramesThanPrintCanShow) {
  std::vector<std::vector<FaceResult>> frames;
  for (int i = 0; i < 4800; ++i)
    frames.push_back({made_face(1, i % 10 == 0 ? std::vector<float>{1, 0} : std::vector<float>{0, 1})});
  const VideoAnalysis video = made_video(frames);
  const auto lines = curves_of(timeline_figure(video, {}), video, 1);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[1].points.size(), 481U);
  for (const cv::Point2d& point : lines[1].points) EXPECT_NEAR(point.y, lines[1].points[0].y, 1e-4);
}

TEST(TimelineFigure, GivesAnEmotionTheSameLineWhateverTheClasses) {
  const std::vector<std::vector<FaceResult>> frames(2, {made_face(1, {0.75F, 0.25F})});
  const VideoAnalysis one = made_video(frames), other = made_video(frames, ClassList({"bored", "happy"}));
  const FigureLine first = curves_of(timeline_figure(one, {}), one, 0).back();
  const FigureLine second = curves_of(timeline_figure(other, {}), other, 1).back();
  EXPECT_EQ(first.pen.colour, second.pen.colour);
  EXPECT_TRUE(std::ranges::equal(first.pen.dashes, second.pen.dashes));
}

}  // namespace
}  // namespace fer
