#include "fer/video/events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "support/error_text.hpp"
#include "video/made_analysis.hpp"

namespace fer {

bool operator==(const ExpressionEvent& a, const ExpressionEvent& b) {
  const auto near = [](double x, double y) { return std::abs(x - y) < 1e-9; };
  return a.face_id == b.face_id && a.label == b.label && near(a.onset, b.onset) && near(a.apex, b.apex) &&
         near(a.offset, b.offset) && a.peak_prob == b.peak_prob;
}
void PrintTo(const ExpressionEvent& event, std::ostream* out) {
  *out << "face " << event.face_id << " label " << event.label << " from " << event.onset << " over "
       << event.apex << " to " << event.offset << ", peak " << event.peak_prob;
}

namespace {

using test::happy;
using test::kHappy;
using test::kSad;
using test::made_analysis;
using test::made_face;
using test::neutral;
using test::one_face;
using test::sad;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Events, AreTheRunsOfALabel) {
  const VideoAnalysis analysis = made_analysis(one_face(
      {neutral(), happy(0.7F), happy(0.9F), happy(0.8F), neutral(), neutral(), sad(0.6F), sad(0.5F)}));
  EXPECT_THAT(
      find_events(analysis, 0),
      ElementsAre(
          ExpressionEvent{.label = kHappy, .onset = 0.1, .apex = 0.2, .offset = 0.4, .peak_prob = 0.9F},
          ExpressionEvent{.label = kSad, .onset = 0.6, .apex = 0.6, .offset = 0.8, .peak_prob = 0.6F}));
}

TEST(Events, OneLabelRightAfterAnotherIsAnotherEvent) {
  const auto events = find_events(made_analysis(one_face({happy(), happy(), sad(), happy()})), 0);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_THAT(std::vector({events[0].label, events[1].label, events[2].label}),
              ElementsAre(kHappy, kSad, kHappy));
  EXPECT_NEAR(events[0].offset, events[1].onset, 1e-9);
}

TEST(Events, TheApexIsTheFirstOfEqualPeaks) {
  const auto events =
      find_events(made_analysis(one_face({happy(0.7F), happy(0.9F), happy(0.6F), happy(0.9F)})), 0);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_NEAR(events[0].apex, 0.1, 1e-9);
}

TEST(Events, NeutralIsNoneAndBreaksOne) {
  EXPECT_THAT(find_events(made_analysis(one_face({neutral(), neutral()})), 0), IsEmpty());
  EXPECT_EQ(find_events(made_analysis(one_face({happy(), neutral(), happy()})), 0).size(), 2U);
}

TEST(Events, AWithheldLabelIsNoneAndBreaksOne) {
  VideoAnalysis analysis = made_analysis(one_face({happy(), happy(0.5F), happy(), sad(0.5F)}));
  EXPECT_EQ(find_events(analysis, 0).size(), 2U);
  analysis.interpretation.abstain = 0.6;
  const auto events = find_events(analysis, 0);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_NEAR(events[0].offset, 0.1, 1e-9);
  EXPECT_NEAR(events[1].onset, 0.2, 1e-9);
  EXPECT_EQ(events[1].label, kHappy);
}

TEST(Events, WithoutAClassNeutralEveryLabelCounts) {
  VideoAnalysis analysis = made_analysis(one_face({neutral(), neutral()}));
  analysis.classes = ClassList({"happy", "sad", "surprised"});
  EXPECT_EQ(find_events(analysis, 0).size(), 1U);
}

TEST(Events, LastAtLeastAsLongAsAskedFor) {
  const VideoAnalysis analysis =
      made_analysis(one_face({happy(), neutral(), happy(), happy(), happy(), neutral()}));
  EXPECT_EQ(find_events(analysis, 0.1).size(), 2U);
  EXPECT_EQ(find_events(analysis, 0.3).size(), 1U) << "three frames of a tenth of a second";
  EXPECT_THAT(find_events(analysis, 0.31), IsEmpty());
}

TEST(Events, RoundingMakesNoneTooShort) {
  VideoAnalysis analysis = made_analysis(one_face({happy(), happy(), happy()}), 30);
  for (SampledFrame& frame : analysis.frames) frame.seconds = 0.033;
  EXPECT_EQ(find_events(analysis, 0.1).size(), 1U);
}

TEST(Events, TheOffsetIsTheEndOfTheLastFramesTime) {
  VideoAnalysis analysis = made_analysis(one_face({happy(), happy(), neutral()}));
  analysis.frames[1].seconds = 0.7;  // a frame that stood still
  EXPECT_NEAR(find_events(analysis, 0)[0].offset, 0.8, 1e-9);
}

TEST(Events, AFaceThatWasAwayForAMomentGoesOn) {
  VideoAnalysis analysis = made_analysis(one_face({happy(), happy(), happy(0.9F), happy()}));
  analysis.frames[1].faces.clear();
  EXPECT_THAT(find_events(analysis, 0.4),
              ElementsAre(ExpressionEvent{.onset = 0, .apex = 0.2, .offset = 0.4, .peak_prob = 0.9F}));
}

TEST(Events, EachFaceHasItsOwn) {
  std::vector<std::vector<FaceResult>> frames;
  for (int i = 0; i < 4; ++i) {  // the largest comes first, and that changes
    std::vector faces{made_face(happy(), 2), made_face(i == 0 ? neutral() : sad(), 1)};
    if (i % 2 == 1) std::swap(faces[0], faces[1]);
    frames.push_back(faces);
  }
  EXPECT_THAT(find_events(made_analysis(frames), 0),
              ElementsAre(ExpressionEvent{2, kHappy, 0, 0, 0.4, 0.8F},
                          ExpressionEvent{1, kSad, 0.1, 0.1, 0.4, 0.8F}));
}

TEST(Events, ComeByOnsetThenByFace) {
  std::vector<std::vector<FaceResult>> frames(3, {made_face(sad(), 5), made_face(happy(), 3)});
  frames[0].push_back(made_face(happy(), 9));
  frames[1].pop_back();
  const auto events = find_events(made_analysis(frames), 0);
  std::vector<int> faces;
  for (const ExpressionEvent& event : events) faces.push_back(event.face_id);
  EXPECT_THAT(faces, ElementsAre(3, 5, 9));
}

TEST(Events, RestOnSmoothedLabels) {
  VideoAnalysis analysis = made_analysis(one_face({happy(), sad(), happy()}));
  analysis.frames[1].faces[0].smoothed = happy(0.9F);
  analysis.frames[1].faces[0].smoothed_label = kHappy;
  EXPECT_THAT(find_events(analysis, 0),
              ElementsAre(ExpressionEvent{.onset = 0, .apex = 0.1, .offset = 0.3, .peak_prob = 0.9F}));
}

TEST(Events, NoFramesAreNoEvents) { EXPECT_THAT(find_events(made_analysis({}), 0), IsEmpty()); }

TEST(Events, ANegativeLengthIsAUsageError) {
  for (const double shortest : {-0.1, std::nan("")}) {
    EXPECT_THAT(test::error_text(ErrorKind::usage, [&] { return find_events(made_analysis({}), shortest); }),
                ::testing::StartsWith("shortest event: "));
  }
}

}  // namespace
}  // namespace fer
