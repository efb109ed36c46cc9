#include "quality_warnings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "video/made_analysis.hpp"

namespace fer {
namespace {

using test::happy;
using test::made_analysis;
using test::neutral;
using test::one_face;
using test::sad;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> warnings_of(const VideoAnalysis& analysis) { return summarise(analysis).warnings; }

/// Ten frames of which nothing is to be said.
VideoAnalysis good_video() {
  std::vector<test::Probabilities> rows(5, happy());
  rows.insert(rows.end(), 5, neutral());
  return made_analysis(one_face(rows));
}

TEST(QualityWarnings, AGoodVideoHasNone) { EXPECT_THAT(warnings_of(good_video()), IsEmpty()); }

TEST(QualityWarnings, FollowTheOnesOfTheAnalysis) {
  VideoAnalysis analysis = good_video();
  analysis.warnings = {"something is odd"};
  for (std::size_t i = 0; i < 6; ++i) analysis.frames[i].faces.clear();
  EXPECT_THAT(warnings_of(analysis),
              ElementsAre("something is odd", HasSubstr("show a face"), HasSubstr("neutral")));
}

TEST(QualityWarnings, FewFramesWithAFace) {
  VideoAnalysis analysis = good_video();
  for (std::size_t i = 0; i < 10; i += 2) analysis.frames[i].faces.clear();
  analysis.frames[9].faces = {test::made_face(sad())};
  EXPECT_THAT(warnings_of(analysis), IsEmpty()) << "half of them is enough";
  analysis.frames[5].faces.clear();
  EXPECT_THAT(warnings_of(analysis), ElementsAre("only 40 % of the sampled frames show a face"));
}

TEST(QualityWarnings, NoFaceAtAllIsSaidOnce) {
  EXPECT_THAT(warnings_of(made_analysis({{}, {}})), ElementsAre("no sampled frame shows a face"));
  EXPECT_THAT(warnings_of(made_analysis({})), IsEmpty()) << "no frames, no share";
}

TEST(QualityWarnings, MostlyNeutral) {
  VideoAnalysis analysis = good_video();
  analysis.frames[0].faces = {test::made_face(neutral())};
  EXPECT_THAT(warnings_of(analysis),
              ElementsAre(AllOf(HasSubstr("60 % of the faces are neutral"), HasSubstr("--prior"))));
  analysis.classes = ClassList({"happy", "sad", "angry"});
  EXPECT_THAT(warnings_of(analysis), IsEmpty()) << "there is no such class";
}

TEST(QualityWarnings, MostlyNeutralByTheCorrectedLabelsWhereThereAreSome) {
  VideoAnalysis analysis = good_video();
  for (SampledFrame& frame : analysis.frames) frame.faces[0].corrected = happy();
  analysis.frames[0].faces = {test::made_face(neutral())};
  analysis.frames[0].faces[0].corrected = happy();
  EXPECT_THAT(warnings_of(analysis), IsEmpty());
  for (SampledFrame& frame : analysis.frames) frame.faces[0].corrected = neutral();
  EXPECT_THAT(warnings_of(analysis), ElementsAre(HasSubstr("100 % of the faces are neutral")));
}

TEST(QualityWarnings, WithheldLabelsAreNotNeutral) {
  VideoAnalysis analysis = good_video();
  for (std::size_t i = 0; i < 9; ++i) analysis.frames[i].faces = {test::made_face(neutral(0.7F))};
  analysis.interpretation.abstain = 0.75;
  analysis.frames[9].faces = {test::made_face(happy())};
  EXPECT_THAT(warnings_of(analysis), IsEmpty());
}

TEST(QualityWarnings, LittleConfidence) {
  VideoAnalysis analysis = good_video();
  for (SampledFrame& frame : analysis.frames) frame.faces = {test::made_face(happy(0.5F))};
  EXPECT_THAT(warnings_of(analysis), IsEmpty());
  analysis.frames[0].faces = {test::made_face(happy(0.45F))};
  EXPECT_THAT(warnings_of(analysis),
              ElementsAre(AllOf(HasSubstr("mean confidence"), HasSubstr("--abstain"))));
}

/// `count` of the ten faces are changed.
template <class Change>
VideoAnalysis with_changed(std::size_t count, const Change& change) {
  VideoAnalysis analysis = good_video();
  for (std::size_t i = 0; i < count; ++i) change(analysis.frames[i].faces[0]);
  return analysis;
}

TEST(QualityWarnings, SmallFaces) {
  const auto low = [](FaceResult& face) { face.box.height = 47; };
  const auto narrow = [](FaceResult& face) { face.box.width = 47; };
  const auto just_enough = [](FaceResult& face) { face.box.width = face.box.height = 48; };
  EXPECT_THAT(warnings_of(with_changed(5, low)), IsEmpty());
  EXPECT_THAT(warnings_of(with_changed(6, low)), ElementsAre("60 % of the faces are smaller than 48 pixels"));
  EXPECT_THAT(warnings_of(with_changed(6, narrow)),
              ElementsAre("60 % of the faces are smaller than 48 pixels"));
  EXPECT_THAT(warnings_of(with_changed(10, just_enough)), IsEmpty());
}

TEST(QualityWarnings, DarkFaces) {
  const auto dark = [](FaceResult& face) { face.brightness = 39; };
  const auto just_enough = [](FaceResult& face) { face.brightness = 40; };
  EXPECT_THAT(warnings_of(with_changed(5, dark)), IsEmpty());
  EXPECT_THAT(warnings_of(with_changed(7, dark)), ElementsAre("70 % of the faces are very dark"));
  EXPECT_THAT(warnings_of(with_changed(10, just_enough)), IsEmpty());
}

}  // namespace
}  // namespace fer
