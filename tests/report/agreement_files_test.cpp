#include "fer/report/agreement_files.hpp"

#include <gmock/gmock.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace fer {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::ordered_json;

/// Two frames and three events of two faces, one of whose videos is called as CSV must quote it.
AgreementReport made_agreement() {
  AgreementReport report;
  report.categories.classes = ClassList({"happy", "sad", "neutral"});
  report.videos.resize(1);
  report.videos[0].name = "a,b";
  report.comparison.tracks = {{.video = 0, .face_id = 3}, {.video = 0, .face_id = {}}};
  report.comparison.rows = 5;
  report.comparison.frames_without_partner = 2;
  report.comparison.frames = {
      {.where = "c.csv:2", .id = "1", .track = 0, .frame = 7, .timestamp = 0.28, .human = 0, .model = 0},
      {.where = "c.csv:3", .id = "2", .track = 1, .frame = 9, .timestamp = 0.5, .human = 1, .model = 4}};
  report.weights = {1, 2.5};
  report.comparison.has_events = true;
  report.comparison.human_events = {{.track = 0, .label = 0, .onset = 1, .offset = 2},
                                    {.track = 0, .label = 1, .onset = 5, .offset = 6}};
  report.comparison.model_events = {{.track = 1, .label = 2, .onset = 0, .offset = 1},
                                    {.track = 0, .label = 0, .onset = 1.25, .offset = 2}};
  const std::vector<Rating> ratings = {{.human = 0, .model = 0, .cluster = "a"},
                                       {.human = 1, .model = 4, .weight = 2.5, .cluster = "b"}};
  report.clusters = "blocks of 5 s of each face";
  report.frames = FrameReadings{.all = frame_agreement(ratings, 5),
                                .decided = frame_agreement(std::span(ratings).first(1), 5),
                                .coverage = 1 / 3.5};
  report.events = EventReadings{
      .boundaries = event_agreement(report.comparison.human_events, report.comparison.model_events, 3),
      .overlap =
          event_agreement(report.comparison.human_events, report.comparison.model_events, 3, {.iou = 0.5})};
  report.notes = {"look out"};
  return report;
}

TEST(AgreementText, SaysWhatWasComparedAndWhatWasNot) {
  const std::string text = agreement_text(made_agreement());
  EXPECT_THAT(
      text, HasSubstr("5 coded rows, 2 frames compared; 2 coded frames without a sampled frame near them\n"));
  EXPECT_THAT(text, Not(HasSubstr("rows of other videos")));
  EXPECT_THAT(text, HasSubstr("intervals resample blocks of 5 s of each face (2 of them)"));
  EXPECT_THAT(text, HasSubstr("coverage 0.286"));
  EXPECT_THAT(text, HasSubstr("all, within 0.5 s"));
  EXPECT_THAT(text, HasSubstr("note: look out\n"));
  EXPECT_THAT(text, AllOf(Not(HasSubstr("nan")), Not(HasSubstr("unweighted"))));
}

TEST(AgreementText, OfASampleDrawnByStratumGivesBothFigures) {
  AgreementReport report = made_agreement();
  report.unweighted = report.frames;
  EXPECT_THAT(agreement_text(report), AllOf(HasSubstr("all, weighted "), HasSubstr("all, unweighted ")));
}

TEST(AgreementText, OfFramesAloneSaysNothingOfEvents) {
  AgreementReport report = made_agreement();
  report.events.reset();
  EXPECT_THAT(agreement_text(report), Not(HasSubstr("onset")));
  report.frames.reset();
  EXPECT_THAT(agreement_text(report), Not(HasSubstr("kappa")));
}

TEST(AgreementJson, HoldsEveryFigureAndNullForNone) {
  const Json json = Json::parse(agreement_json(made_agreement()));
  EXPECT_EQ(json["videos"], Json({"a,b"}));
  EXPECT_EQ(json["counts"]["coded_rows"], 5);
  EXPECT_EQ(json["counts"]["frames_without_partner"], 2);
  EXPECT_EQ(json["weighted"], false);
  EXPECT_TRUE(json["frames_unweighted"].is_null());
  EXPECT_NEAR(json["frames"]["all"]["agreement"], 1 / 3.5, 1e-12);
  EXPECT_EQ(json["frames"]["all"]["categories"], Json({"happy", "sad", "neutral", "no_face", "uncertain"}));
  EXPECT_EQ(json["frames"]["all"]["confusion"][1][4], 2.5);
  EXPECT_EQ(json["frames"]["all"]["agreement_ci95"].size(), 2U);
  EXPECT_TRUE(json["frames"]["both_gave_a_class"]["kappa"].is_null());
  EXPECT_TRUE(json["frames"]["both_gave_a_class"]["agreement_ci95"].is_null()) << "one cluster";
  EXPECT_EQ(json["events"]["within_tolerance"]["matched"], 1);
  EXPECT_EQ(json["events"]["within_tolerance"]["per_class"]["happy"]["onset_error"], 0.25);
  EXPECT_TRUE(json["events"]["within_tolerance"]["per_class"]["sad"]["onset_error"].is_null());
  EXPECT_EQ(json["events"]["by_overlap"]["f1"], 0.5);
}

TEST(AgreementTables, HaveARowForEachCategoryFrameAndEvent) {
  AgreementReport report = made_agreement();
  EXPECT_EQ(agreement_confusion_csv(report),
            "human,happy,sad,neutral,no_face,uncertain\nhappy,1,0,0,0,0\nsad,0,0,0,0,2.5\nneutral,0,0,0,0,0\n"
            "no_face,0,0,0,0,0\nuncertain,0,0,0,0,0\n");
  EXPECT_EQ(frames_compared_csv(report),
            "video,frame,timestamp,face_id,human,model,agree,weight,stratum,source\n"
            "\"a,b\",7,0.280000,3,happy,happy,1,1,,c.csv:2\n"
            "\"a,b\",9,0.500000,,sad,uncertain,0,2.5,,c.csv:3\n");
  report.strata = {"happy", "sad"};
  EXPECT_THAT(frames_compared_csv(report), HasSubstr(",2.5,sad,c.csv:3\n"));
  EXPECT_EQ(events_matched_csv(report),
            "video,face_id,emotion,match,human_onset,human_offset,model_onset,model_offset\n"
            "\"a,b\",3,happy,matched,1.000000,2.000000,1.250000,2.000000\n"
            "\"a,b\",3,sad,missed,5.000000,6.000000,,\n"
            "\"a,b\",,neutral,extra,,,0.000000,1.000000\n");
}

}  // namespace
}  // namespace fer
