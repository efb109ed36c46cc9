#include "fer/video/interpretation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fer/eval/prior.hpp"
#include "support/error_text.hpp"
#include "video/made_analysis.hpp"

namespace fer {
namespace {

using test::happy;
using test::made_analysis;
using test::made_face;
using test::neutral;
using test::one_face;
using test::Probabilities;
using test::sad;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pointwise;

const std::vector<double> kEven = {1.0 / 3, 1.0 / 3, 1.0 / 3};

Interpretation plain() { return {.smoothing = {.method = SmoothingMethod::none}}; }

VideoAnalysis some_frames() {
  return made_analysis(
      one_face({happy(0.4F), neutral(0.6F), neutral(0.9F), sad(0.5F), sad(0.7F), neutral(0.5F)}));
}

TEST(Interpretation, WithoutACorrectionTheModelsOwnProbabilitiesCount) {
  VideoAnalysis analysis = some_frames();
  interpret(analysis, plain());
  for (const SampledFrame& frame : analysis.frames) {
    EXPECT_THAT(frame.faces[0].corrected, IsEmpty());
    EXPECT_EQ(frame.faces[0].smoothed, frame.faces[0].probabilities);
  }
  EXPECT_THAT(analysis.warnings, IsEmpty());
}

TEST(Interpretation, IsKeptInTheAnalysis) {
  VideoAnalysis analysis = some_frames();
  interpret(analysis, {.prior = ExpectedPrior::uniform, .abstain = 0.3});
  EXPECT_EQ(analysis.interpretation.prior, ExpectedPrior::uniform);
  EXPECT_EQ(analysis.interpretation.abstain, 0.3);
}

TEST(Interpretation, AnotherOneLeavesNothingOfTheFirst) {
  VideoAnalysis analysis = some_frames();
  interpret(analysis, {.prior = ExpectedPrior::uniform, .smoothing = {.method = SmoothingMethod::ema}});
  ASSERT_FALSE(analysis.frames[0].faces[0].corrected.empty());
  interpret(analysis, plain());
  for (const SampledFrame& frame : analysis.frames) {
    EXPECT_THAT(frame.faces[0].corrected, IsEmpty());
    EXPECT_EQ(frame.faces[0].smoothed, frame.faces[0].probabilities);
  }
}

TEST(Interpretation, AnEvenPriorDividesByTheTrainings) {
  VideoAnalysis analysis = some_frames();
  Interpretation even = plain();
  even.prior = ExpectedPrior::uniform;
  interpret(analysis, even);
  for (const SampledFrame& frame : analysis.frames) {
    const FaceResult& face = frame.faces[0];
    EXPECT_THAT(face.corrected,
                Pointwise(FloatNear(1e-6F), with_prior(face.probabilities, analysis.class_prior, kEven)));
    EXPECT_EQ(face.smoothed, face.corrected);
  }
  EXPECT_THAT(analysis.frames[0].faces[0].probabilities,
              ElementsAre(0.4F, FloatNear(0.45F, 1e-6F), FloatNear(0.15F, 1e-6F)))
      << "the model's own stay";
}

TEST(Interpretation, AnEstimateLooksAtAFaceFourTimesASecond) {
  // 10 frames a second: times 0, 0.3, 0.6 ... are far enough from each other; another face counts by itself
  std::vector<std::vector<FaceResult>> frames;
  std::vector<float> rows;
  for (int i = 0; i < 20; ++i) {
    const Probabilities first = i % 3 == 0 ? sad() : happy();
    frames.push_back({made_face(first, 0)});
    if (i >= 4) frames.back().push_back(made_face(i % 3 == 1 ? sad() : neutral(), 1));
  }
  for (int i = 0; i < 7; ++i) {
    const Probabilities row = sad();
    rows.insert(rows.end(), row.begin(), row.end());
  }
  for (int i = 4; i < 20; i += 3) {
    const Probabilities row = sad();
    rows.insert(rows.end(), row.begin(), row.end());
  }
  VideoAnalysis analysis = made_analysis(frames);
  Interpretation estimate = plain();
  estimate.prior = ExpectedPrior::estimate;
  interpret(analysis, estimate);
  const auto wanted = estimate_prior(rows, analysis.class_prior);
  for (const SampledFrame& frame : analysis.frames) {
    for (const FaceResult& face : frame.faces)
      EXPECT_THAT(face.corrected,
                  Pointwise(FloatNear(1e-6F), with_prior(face.probabilities, analysis.class_prior, wanted)));
  }
}

TEST(Interpretation, AnEstimateWithoutFacesIsNoError) {
  VideoAnalysis analysis = made_analysis({{}, {}});
  EXPECT_NO_THROW(interpret(analysis, {.prior = ExpectedPrior::estimate}));
}

TEST(Interpretation, AModelThatDoesNotKnowItsPriorCannotTakeAnother) {
  for (const ExpectedPrior prior : {ExpectedPrior::uniform, ExpectedPrior::estimate}) {
    VideoAnalysis analysis = some_frames();
    analysis.class_prior.clear();
    EXPECT_THAT(test::error_text(ErrorKind::data, [&] { return interpret(analysis, {.prior = prior}), 0; }),
                HasSubstr("leave --prior out"));
  }
  VideoAnalysis analysis = some_frames();
  analysis.class_prior.clear();
  EXPECT_NO_THROW(interpret(analysis, plain()));
}

/// Face 0 looks sad at rest and face 1 happy, until 0.2 s; then both as happy.
VideoAnalysis two_at_rest() {
  return made_analysis({{made_face(sad(0.7F), 0), made_face(happy(0.6F), 1)},
                        {made_face(sad(0.8F), 0), made_face(happy(0.7F), 1)},
                        {made_face(happy(0.7F), 0), made_face(happy(0.7F), 1)}});
}

Interpretation at_rest(double start, double end) {
  Interpretation interpretation = plain();
  interpretation.rest = TimeRange{start, end};
  return interpretation;
}

std::vector<float> joined(const std::vector<Probabilities>& rows) {
  std::vector<float> all;
  for (const Probabilities& row : rows) all.insert(all.end(), row.begin(), row.end());
  return all;
}

TEST(Baseline, EachFaceIsJudgedByItsOwnRest) {
  VideoAnalysis analysis = two_at_rest();
  interpret(analysis, at_rest(0, 0.2));
  const auto first = neutral_baseline(joined({sad(0.7F), sad(0.8F)}), 3, 2);
  const auto second = neutral_baseline(joined({happy(0.6F), happy(0.7F)}), 3, 2);
  for (const SampledFrame& frame : analysis.frames) {
    EXPECT_EQ(frame.faces[0].corrected, relative_to(first, frame.faces[0].probabilities));
    EXPECT_EQ(frame.faces[1].corrected, relative_to(second, frame.faces[1].probabilities));
  }
  EXPECT_EQ(analysis.frames[2].faces[0].smoothed_label, 0) << "a smile that goes beyond its rest";
  EXPECT_EQ(analysis.frames[2].faces[1].smoothed_label, 2) << "this face always looks so";
  EXPECT_THAT(analysis.warnings, IsEmpty());
}

TEST(Baseline, TheEndOfTheRestIsOutside) {
  VideoAnalysis analysis = two_at_rest();
  interpret(analysis, at_rest(0.1, 0.2));
  EXPECT_EQ(analysis.frames[2].faces[0].corrected,
            relative_to(neutral_baseline(sad(0.8F), 3, 2), happy(0.7F)));
}

TEST(Baseline, AFaceThatIsNotSeenAtRestStaysAsItIsWithAWarning) {
  VideoAnalysis analysis = two_at_rest();
  for (const std::size_t i : {0, 1}) analysis.frames[i].faces.pop_back();
  interpret(analysis, at_rest(0, 0.2));
  EXPECT_EQ(analysis.frames[2].faces[1].corrected, analysis.frames[2].faces[1].probabilities);
  EXPECT_NE(analysis.frames[2].faces[0].corrected, analysis.frames[2].faces[0].probabilities);
  EXPECT_THAT(
      analysis.warnings,
      ElementsAre("face 1 is not seen from 0 to 0.2 s: it has no baseline and is not corrected by one"));
}

TEST(Baseline, NobodyAtRestIsADataError) {
  VideoAnalysis analysis = two_at_rest();
  EXPECT_EQ(test::error_text(ErrorKind::data, [&] { return interpret(analysis, at_rest(5, 6)), 0; }),
            "a.mp4: nobody is seen from 5 to 6 s, where the baseline should be");
}

TEST(Baseline, AVideoWithoutAnyFaceNeedsNone) {
  VideoAnalysis analysis = made_analysis({{}, {}});
  EXPECT_NO_THROW(interpret(analysis, at_rest(0, 1)));
}

TEST(Baseline, WithoutAClassNeutralItIsAUsageErrorWhoeverIsSeen) {
  for (VideoAnalysis analysis : {two_at_rest(), made_analysis({})}) {
    analysis.classes = ClassList({"happy", "sad", "angry"});
    for (const TimeRange range : {TimeRange{0, 0.2}, TimeRange{5, 6}}) {
      EXPECT_EQ(test::error_text(ErrorKind::usage,
                                 [&] { return interpret(analysis, at_rest(range.start, range.end)), 0; }),
                "a baseline needs the class neutral, and the model's are happy, sad, angry");
    }
  }
}

TEST(Baseline, AGivenOneIsForEveryFace) {
  Interpretation given = plain();
  given.baseline = neutral_baseline(sad(0.9F), 3, 2);
  VideoAnalysis analysis = two_at_rest();
  interpret(analysis, given);
  for (const SampledFrame& frame : analysis.frames) {
    for (const FaceResult& face : frame.faces)
      EXPECT_EQ(face.corrected, relative_to(*given.baseline, face.probabilities));
  }
}

TEST(Interpretation, TheBaselineComesFirstThenThePriorThenSmoothing) {
  VideoAnalysis analysis = some_frames();
  Interpretation all{.prior = ExpectedPrior::uniform, .smoothing = {.window = 0.2}};
  all.baseline = neutral_baseline(neutral(0.7F), 3, 2);
  interpret(analysis, all);
  std::vector<TimedProbabilities> rows;
  for (const SampledFrame& frame : analysis.frames) {
    const FaceResult& face = frame.faces[0];
    const auto expected =
        with_prior(relative_to(*all.baseline, face.probabilities), analysis.class_prior, kEven);
    EXPECT_THAT(face.corrected, Pointwise(FloatNear(1e-6F), expected));
    rows.push_back({frame.timestamp, face.corrected});
  }
  const auto smoothed = smooth(rows, all.smoothing);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(analysis.frames[i].faces[0].smoothed, smoothed[i].probabilities);
    EXPECT_EQ(analysis.frames[i].faces[0].smoothed_label, smoothed[i].label);
  }
}

TEST(Interpretation, AnEstimateRestsOnWhatTheBaselineLeaves) {
  VideoAnalysis analysis = made_analysis(one_face({sad(), sad(), sad(), happy()}), 1);
  Interpretation both = plain();
  both.prior = ExpectedPrior::estimate;
  both.baseline = neutral_baseline(sad(), 3, 2);
  std::vector<float> rows;
  for (const SampledFrame& frame : analysis.frames) {
    const auto row = relative_to(*both.baseline, frame.faces[0].probabilities);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  interpret(analysis, both);
  const auto wanted = estimate_prior(rows, analysis.class_prior);
  EXPECT_THAT(analysis.frames[3].faces[0].corrected,
              Pointwise(FloatNear(1e-6F),
                        with_prior(relative_to(*both.baseline, happy()), analysis.class_prior, wanted)));
}

TEST(Interpretation, FacesAreSmoothedEachByItself) {
  VideoAnalysis analysis = two_at_rest();
  interpret(analysis, {.smoothing = {.window = 5}});
  for (const SampledFrame& frame : analysis.frames) {
    EXPECT_EQ(frame.faces[0].smoothed_label, 1);
    EXPECT_EQ(frame.faces[1].smoothed_label, 0);
  }
}

TEST(Interpretation, ALabelIsWithheldBelowTheLeastProbability) {
  EXPECT_EQ(label_of(std::vector{0.2F, 0.5F, 0.3F}, 0.5), 1) << "just enough";
  EXPECT_EQ(label_of(std::vector{0.2F, 0.49F, 0.31F}, 0.5), std::nullopt);
  EXPECT_EQ(label_of(std::vector{0.4F, 0.2F, 0.4F}), 0) << "the first of equals";
  EXPECT_EQ(label_of({}), std::nullopt);
  FaceResult face = made_face(happy(0.4F));
  face.smoothed = sad(0.7F);
  face.smoothed_label = 1;
  EXPECT_EQ(smoothed_label_of(face, 0.6), 1) << "the smoothed probability counts";
  EXPECT_EQ(smoothed_label_of(face, 0.8), std::nullopt);
  EXPECT_EQ(face_status(face, 0.6), "uncertain") << "and here the model's own";
  EXPECT_EQ(face_status(face, 0.3), "ok");
}

TEST(Interpretation, ChoicesOutOfRangeAreUsageErrors) {
  const auto complaint = [](const Interpretation& interpretation) {
    VideoAnalysis analysis = made_analysis({});
    return test::error_text(ErrorKind::usage, [&] { return interpret(analysis, interpretation), 0; });
  };
  EXPECT_THAT(complaint({.abstain = 1.1}), HasSubstr("abstain: 1.1"));
  EXPECT_THAT(complaint({.abstain = -0.1}), HasSubstr("abstain: -0.1"));
  EXPECT_THAT(complaint(at_rest(2, 2)), HasSubstr("baseline from 2 to 2 s"));
  EXPECT_NE(complaint({.smoothing = {.window = 0}}), "");
}

TEST(Interpretation, PriorsAreKnownByTheirNames) {
  EXPECT_EQ(expected_prior("train"), ExpectedPrior::train);
  EXPECT_EQ(expected_prior("uniform"), ExpectedPrior::uniform);
  EXPECT_EQ(expected_prior("estimate"), ExpectedPrior::estimate);
  EXPECT_EQ(test::error_text(ErrorKind::usage, [] { return expected_prior("unifrom"); }),
            "unknown prior 'unifrom', expected one of train, uniform, estimate, did you mean 'uniform'?");
}

TEST(Interpretation, IsNamedInSummaries) {
  EXPECT_EQ(correction_text(plain()), "none");
  EXPECT_EQ(correction_text({.prior = ExpectedPrior::uniform}), "prior uniform");
  Interpretation both = at_rest(0, 5);
  both.prior = ExpectedPrior::estimate;
  EXPECT_EQ(correction_text(both), "baseline 0-5 s, prior estimate");
  Interpretation given = plain();
  given.baseline = NeutralBaseline{};
  given.baseline_name = "neutral.mp4";
  EXPECT_EQ(correction_text(given), "baseline neutral.mp4");
}

}  // namespace
}  // namespace fer
