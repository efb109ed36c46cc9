#include "fer/video/comparison.hpp"

#include <gmock/gmock.h>

#include "support/error_text.hpp"
#include "video/made_analysis.hpp"

namespace fer {
namespace {

using test::error_text;
using test::kHappy;
using test::kNeutral;
using test::kSad;
using test::kThree;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Four frames a second, of which the sampled ones are 8 apart; one face with these labels.
LabelledVideo video_of(const std::vector<int>& labels, const std::string& name = "talk") {
  LabelledVideo video;
  video.name = name;
  video.video = name + ".mp4";
  video.categories = kThree;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    video.frames.push_back({.frame = static_cast<std::int64_t>(8 * i),
                            .timestamp = 0.25 * static_cast<double>(i),
                            .faces = {{.face_id = 0, .category = labels[i]}}});
  }
  video.end = 0.25 * static_cast<double>(labels.size());
  return video;
}

CodedFrame at(double timestamp, std::optional<int> category) {
  CodedFrame frame;
  frame.where = "c.csv:" + std::to_string(timestamp);
  frame.timestamp = timestamp;
  frame.category = category;
  return frame;
}

CodedEvent from_to(double onset, double offset, std::optional<int> category, std::optional<int> face = {}) {
  return {.where = "c.csv:9", .face_id = face, .category = category, .onset = onset, .offset = offset};
}

Coding frames(std::vector<CodedFrame> frames) {
  Coding coding;
  coding.path = "c.csv";
  coding.frames = std::move(frames);
  return coding;
}

Coding events(std::vector<CodedEvent> events, std::vector<int> tiers = {}) {
  Coding coding;
  coding.path = "c.csv";
  coding.of_events = true;
  coding.events = std::move(events);
  coding.tiers = std::move(tiers);
  return coding;
}

CodingComparison compared(const std::vector<LabelledVideo>& videos, const Coding& coding,
                          const ComparisonOptions& options = {}) {
  return compare(videos, std::vector{coding}, options);
}

std::vector<int> humans(const CodingComparison& comparison) {
  std::vector<int> labels;
  for (const ComparedFrame& frame : comparison.frames) labels.push_back(frame.human);
  return labels;
}

std::vector<int> models(const CodingComparison& comparison) {
  std::vector<int> labels;
  for (const ComparedFrame& frame : comparison.frames) labels.push_back(frame.model);
  return labels;
}

TEST(CodedFrames, AreComparedWithTheNearestSampledFrame) {
  const auto video = video_of({kHappy, kSad, kNeutral, kHappy});
  const CodingComparison found =
      compared({video}, frames({at(0.02, kHappy), at(0.36, kSad), at(0.74, kSad), at(1.2, kHappy)}));
  EXPECT_THAT(humans(found), ElementsAre(kHappy, kSad, kSad));
  EXPECT_THAT(models(found), ElementsAre(kHappy, kSad, kHappy));
  EXPECT_EQ(found.frames[1].frame, 8);
  EXPECT_EQ(found.frames_without_partner, 1) << "1.2 s is farther than half the interval from 0.75 s";
  EXPECT_EQ(found.rows, 4);
}

TEST(CodedFrames, MayBeFartherOrMustBeNearerAsAsked) {
  const auto video = video_of({kHappy, kSad});
  EXPECT_EQ(compared({video}, frames({at(0, kHappy), at(0.3, kSad)}), {.frame_tolerance = 0.01})
                .frames_without_partner,
            1);
  EXPECT_THAT(compared({video}, frames({at(0.9, kSad)}), {.frame_tolerance = 1}).frames, SizeIs(1));
}

TEST(CodedFrames, AnswerForOneSampledFrameEach) {
  // 25 coded frames a second against 4 sampled ones
  std::vector<CodedFrame> rows;
  for (int i = 0; i < 25; ++i) rows.push_back(at(0.04 * i, i == 6 ? kSad : kHappy));
  const CodingComparison found = compared({video_of({kHappy, kSad, kHappy, kHappy})}, frames(rows));
  EXPECT_THAT(humans(found), ElementsAre(kHappy, kSad, kHappy, kHappy)) << "0.24 s is nearest to 0.25 s";
  EXPECT_EQ(found.rows, 25);
  EXPECT_EQ(found.frames_between + found.frames_without_partner, 21);
}

TEST(CodedFrames, GoByTheNumberOfTheFrameWhereThereIsOne) {
  CodedFrame row = at(0, kSad);
  row.frame = 16;
  EXPECT_THAT(models(compared({video_of({kHappy, kHappy, kSad})}, frames({row}))), ElementsAre(kSad));
  row.frame = 11;
  EXPECT_EQ(compared({video_of({kHappy, kSad})}, frames({row})).frames[0].frame, 8);
}

TEST(CodedFrames, OfAFaceTheModelDidNotFindAreNoFace) {
  auto video = video_of({kHappy, kSad, kSad});
  video.frames[1].faces.clear();
  video.frames[2].faces[0].category = kThree.uncertain();
  CodedFrame of_another = at(0, kHappy);
  of_another.face_id = 5;
  const CodingComparison found =
      compared({video}, frames({of_another, at(0, kHappy), at(0.25, kThree.no_face()), at(0.5, kSad)}));
  EXPECT_THAT(found.tracks, SizeIs(2));
  EXPECT_THAT(models(found), ElementsAre(kHappy, kThree.no_face(), kThree.uncertain(), kThree.no_face()));
}

TEST(CodedFrames, WithoutAFaceAreAboutTheLargest) {
  auto video = video_of({kHappy});
  video.frames[0].faces.push_back({.face_id = 1, .category = kSad});
  EXPECT_THAT(models(compared({video}, frames({at(0, kSad)}))), ElementsAre(kHappy));
  CodedFrame row = at(0, kSad);
  row.face_id = 1;
  EXPECT_THAT(models(compared({video}, frames({row}))), ElementsAre(kSad));
}

TEST(CodedFrames, ThatAreNotToCountAreCountedAsSuch) {
  const CodingComparison found =
      compared({video_of({kHappy, kSad})}, frames({at(0, std::nullopt), at(0.25, kSad)}));
  EXPECT_THAT(found.frames, SizeIs(1));
  EXPECT_EQ(found.rows_not_to_count, 1);
}

TEST(CodedFrames, CodedTwiceAreAnError) {
  EXPECT_EQ(error_text(ErrorKind::data,
                       [] {
                         return compared({video_of({kHappy})}, frames({at(0, kSad), at(0, kHappy)}));
                       }),
            "c.csv:0.000000: codes the same frame as c.csv:0.000000");
}

TEST(Videos, AreFoundByFolderFileOrStem) {
  const std::vector<LabelledVideo> videos = {video_of({kHappy}, "a"), video_of({kSad}, "b")};
  std::vector<CodedFrame> rows = {at(0, kHappy), at(0, kSad), at(0, kSad)};
  rows[0].video = "a.mp4";
  rows[1].video = "b";
  rows[2].video = "c";
  const CodingComparison found = compared(videos, frames(rows));
  EXPECT_THAT(models(found), ElementsAre(kHappy, kSad));
  EXPECT_EQ(found.rows_of_other_videos, 1);
  rows.erase(rows.begin(), rows.begin() + 2);
  EXPECT_EQ(error_text(ErrorKind::data, [&] { return compared(videos, frames(rows)); }),
            "no row of the coding is of a, b: it names other videos");
}

TEST(Videos, OfFilesWithOneNameNeedTheirFolders) {
  std::vector<LabelledVideo> videos = {video_of({kHappy}, "a"), video_of({kSad}, "a-2")};
  videos[1].video = "a.mp4";
  CodedFrame row = at(0, kSad);
  row.video = "a.mp4";
  EXPECT_EQ(error_text(ErrorKind::data, [&] { return compared(videos, frames({row})); }),
            "c.csv:0.000000: 'a.mp4' may be a or a-2; name the folder of its results");
  row.video = "a-2";
  EXPECT_THAT(models(compared(videos, frames({row}))), ElementsAre(kSad));
}

TEST(Videos, ThatAFileDoesNotNameMayFollowFromWhereItLies) {
  const std::vector<LabelledVideo> videos = {video_of({kHappy}, "a"), video_of({kSad}, "b")};
  Coding coding = frames({at(0, kSad)});
  EXPECT_THAT(error_text(ErrorKind::data, [&] { return compared(videos, coding); }),
              HasSubstr("c.csv: does not say of which of the 2 videos it is: add a column 'video'"));
  for (const char* path : {"b.csv", "results/b/coded.csv"}) {
    coding.path = path;
    EXPECT_THAT(models(compared(videos, coding)), ElementsAre(kSad)) << path;
  }
  coding.path = "c.csv";
  coding.media = "b.mp4";
  EXPECT_THAT(models(compared(videos, coding)), ElementsAre(kSad));
}

TEST(CodedEvents, LabelTheFramesInThemAndLeaveTheOthersNeutral) {
  auto video = video_of({kNeutral, kHappy, kHappy, kSad, kNeutral});
  video.frames[4].faces.clear();
  video.events = {{.face_id = 0, .label = kHappy, .onset = 0.25, .offset = 0.75},
                  {.face_id = 0, .label = kSad, .onset = 0.75, .offset = 1}};
  const CodingComparison found = compared({video}, events({from_to(0.25, 0.75, kHappy)}));
  EXPECT_TRUE(found.has_events);
  EXPECT_THAT(humans(found), ElementsAre(kNeutral, kHappy, kHappy, kNeutral)) << "not where nobody is seen";
  EXPECT_THAT(models(found), ElementsAre(kNeutral, kHappy, kHappy, kSad));
  EXPECT_THAT(found.human_events, SizeIs(1));
  EXPECT_THAT(found.model_events, SizeIs(2));
}

TEST(CodedEvents, OfTheModelCountForTheFacesThatWereCoded) {
  auto video = video_of({kHappy, kHappy});
  for (LabelledFrame& frame : video.frames) frame.faces.push_back({.face_id = 1, .category = kSad});
  video.events = {{.face_id = 0, .label = kHappy, .onset = 0, .offset = 0.5},
                  {.face_id = 1, .label = kSad, .onset = 0, .offset = 0.5}};
  const CodingComparison one = compared({video}, events({from_to(0, 0.5, kSad, 1)}));
  ASSERT_THAT(one.model_events, SizeIs(1));
  EXPECT_EQ(one.model_events[0].label, kSad);
  EXPECT_EQ(one.events_not_coded, 1);
  const CodingComparison tiers = compared({video}, events({from_to(0, 0.5, kSad, 1)}, {0, 1}));
  EXPECT_THAT(tiers.model_events, SizeIs(2)) << "face 0 was coded, without an event";
  EXPECT_THAT(tiers.frames, SizeIs(4));
  const CodingComparison unnamed = compared({video}, events({from_to(0, 0.5, kHappy)}));
  ASSERT_THAT(unnamed.model_events, SizeIs(1)) << "of the largest face";
  EXPECT_EQ(unnamed.model_events[0].label, kHappy);
}

TEST(CodedEvents, OfNeutralNoFaceOrNothingAreNoEvents) {
  const CodingComparison found =
      compared({video_of({kHappy, kHappy, kHappy, kHappy})},
               events({from_to(0, 0.25, kNeutral), from_to(0.25, 0.5, kThree.no_face()),
                       from_to(0.5, 0.75, std::nullopt)}));
  EXPECT_THAT(found.human_events, IsEmpty());
  EXPECT_THAT(humans(found), ElementsAre(kNeutral, kThree.no_face(), kNeutral)) << "0.5 s is not to count";
  EXPECT_EQ(found.rows_not_to_count, 1);
}

TEST(CodedEvents, OfTwoEmotionsAtOnceLeaveTheFrameOut) {
  const CodingComparison found =
      compared({video_of({kHappy, kHappy})}, events({from_to(0, 0.3, kHappy), from_to(0.2, 0.5, kSad)}));
  EXPECT_EQ(found.frames_ambiguous, 1);
  EXPECT_THAT(humans(found), ElementsAre(kHappy));
}

TEST(CodedEvents, BeyondTheRecordingAreAnError) {
  const auto text = [](double onset, double offset) {
    return error_text(ErrorKind::data, [&] {
      return compared({video_of({kHappy, kHappy})}, events({from_to(onset, offset, kHappy)}));
    });
  };
  EXPECT_EQ(text(3, 4), "c.csv:9: from 3 to 4 s, but talk ends at 0.500 s");
  EXPECT_EQ(text(0, 1.6), "c.csv:9: from 0 to 1.6 s, but talk ends at 0.500 s");
  EXPECT_THAT(compared({video_of({kHappy, kHappy})}, events({from_to(0, 1.4, kHappy)})).human_events,
              SizeIs(1))
      << "players round";
}

TEST(CodedEvents, NameAllFacesOrNone) {
  EXPECT_EQ(error_text(ErrorKind::data,
                       [] {
                         return compared({video_of({kHappy, kSad})},
                                         events({from_to(0, 0.2, kHappy), from_to(0.2, 0.5, kSad, 0)}));
                       }),
            "c.csv: names the face of some events of talk and not of others");
}

TEST(Comparing, TwoFilesOfTheSameFaceAreAnError) {
  const std::vector<LabelledVideo> videos = {video_of({kHappy, kSad})};
  const auto text = [&](const Coding& one, const Coding& two) {
    return error_text(ErrorKind::data, [&] { return compare(videos, std::vector{one, two}); });
  };
  EXPECT_EQ(text(frames({at(0, kSad)}), frames({at(0.01, kHappy)})),
            "c.csv:0.010000: codes the same frame as c.csv:0.000000");
  EXPECT_EQ(text(events({from_to(0, 0.2, kHappy)}), events({from_to(0.2, 0.4, kSad)})),
            "c.csv: codes a face of talk that another file codes, too");
}

TEST(Comparing, TwoFilesOfTwoFacesGoTogether) {
  auto video = video_of({kHappy, kHappy});
  for (LabelledFrame& frame : video.frames) frame.faces.push_back({.face_id = 1, .category = kSad});
  video.events = {{.face_id = 0, .label = kHappy, .onset = 0, .offset = 0.5},
                  {.face_id = 1, .label = kSad, .onset = 0, .offset = 0.5}};
  const std::vector<Coding> codings = {events({from_to(0, 0.5, kHappy, 0)}),
                                       events({from_to(0, 0.5, kSad, 1)})};
  const CodingComparison found = compare(std::vector{video}, codings);
  EXPECT_THAT(found.model_events, SizeIs(2));
  EXPECT_EQ(found.events_not_coded, 0);
}

TEST(Comparing, NothingIsAnError) {
  EXPECT_EQ(
      error_text(ErrorKind::data,
                 [] {
                   return compared({video_of({kHappy})}, frames({at(0, std::nullopt), at(50, kSad)}));
                 }),
      "nothing can be compared: of 2 coded rows 1 are not to count, 1 have no sampled frame near them and 0 "
      "are of other videos");
  EXPECT_THAT(error_text(ErrorKind::data, [] { return compared({video_of({kHappy})}, frames({})); }),
              HasSubstr("nothing can be compared: of 0 coded rows"));
  EXPECT_EQ(error_text(ErrorKind::usage,
                       [] { return compared({video_of({kHappy})}, frames({}), {.frame_tolerance = -1}); }),
            "a tolerance of -1 s: expected 0 or more");
}

}  // namespace
}  // namespace fer
