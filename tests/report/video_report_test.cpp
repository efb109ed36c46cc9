#include "fer/report/video_report.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "made_report.hpp"
#include "timeline_data.hpp"

namespace fer::test {
namespace {

using testing::ElementsAre;

TimelineData timeline_of(const VideoAnalysis& analysis, std::span<const ExpressionEvent> events = {}) {
  const VideoSummary summary = summarise(analysis);
  return timeline_data({.analysis = analysis, .summary = summary, .events = events});
}

/// The bytes that base64 stands for, as numbers.
std::vector<int> bytes(const nlohmann::ordered_json& text) {
  static const std::string kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<int> result;
  unsigned bits = 0;
  int held = 0;
  for (const char letter : text.get<std::string>()) {
    if (letter == '=') break;
    bits = bits << 6 | static_cast<unsigned>(kLetters.find(letter));
    held += 6;
    if (held < 8) continue;
    held -= 8;
    result.push_back(static_cast<int>(bits >> held & 0xFF));
  }
  return result;
}

TEST(TimelineData, HasEverySampledFrameOfAShortRecording) {
  const TimelineData data = timeline_of(made_recording(5, 2));
  EXPECT_EQ(data.frames_per_bucket, 1U);
  EXPECT_THAT(bytes(data.json["coverage"]), ElementsAre(255, 255, 255, 255, 255, 255, 255, 255, 255, 255));
  const auto start = bytes(data.json["start"]);
  ASSERT_EQ(start.size(), 40U);
  EXPECT_EQ(start[12] + 256 * start[13], 15000) << "the fourth begins at 1.5 s";
  ASSERT_EQ(data.json["faces"].size(), 2U);
  const auto& face = data.json["faces"][0];  // both are seen in eight frames
  EXPECT_EQ(face["id"], 0);
  EXPECT_EQ(face["first"], 0);
  EXPECT_THAT(bytes(face["labels"]), ElementsAre(2, 2, 1, 1, 2, 2, 255, 255, 2, 2));
  const auto raw = bytes(face["kinds"][0]["mean"]);
  ASSERT_EQ(raw.size(), 30U);
  EXPECT_THAT(std::vector(raw.begin() + 6, raw.begin() + 9), ElementsAre(26, 178, 51));
  EXPECT_FALSE(face["kinds"][0].contains("low"));
  EXPECT_EQ(bytes(face["kinds"][1]["mean"])[1], 26) << "smoothed: 0.1";
  EXPECT_EQ(data.json["faces"][1]["first"], 2);
}

TEST(TimelineData, ThinsOutALongOneKeepingMeanLeastAndMost) {
  const TimelineData data = timeline_of(made_recording(20000, 10));
  EXPECT_GT(data.frames_per_bucket, 1U);
  EXPECT_LE(data.json.dump().size(), kTimelineBytes * 4 / 3 + 4000);
  EXPECT_GE(data.json.dump().size(), kTimelineBytes / 2) << "and uses the room there is";
  const auto& kind = data.json["faces"][0]["kinds"][0];
  const auto mean = bytes(kind["mean"]), low = bytes(kind["low"]), high = bytes(kind["high"]);
  bool differs = false;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    ASSERT_LE(low[i], mean[i]);
    ASSERT_LE(mean[i], high[i]);
    differs |= low[i] < high[i];
  }
  EXPECT_TRUE(differs);
}

TEST(TimelineData, CorrectedProbabilitiesAreAKindOfTheirOwn) {
  VideoAnalysis analysis = made_recording(2, 2, false);
  analysis.interpretation.prior = ExpectedPrior::uniform;
  for (SampledFrame& frame : analysis.frames) frame.faces[0].corrected = {1, 0, 0};
  const TimelineData data = timeline_of(analysis);
  EXPECT_THAT(data.json["kinds"], ElementsAre("Raw", "Corrected", "Smoothed"));
  EXPECT_EQ(bytes(data.json["faces"][0]["kinds"][1]["mean"])[0], 255);
}

TEST(TimelineData, AWithheldLabelIsToldFromAFaceNotSeen) {
  VideoAnalysis analysis = made_recording(5, 1, false);
  analysis.interpretation.abstain = 0.9;
  EXPECT_THAT(bytes(timeline_of(analysis).json["faces"][0]["labels"]), ElementsAre(254, 254, 254, 255, 254));
}

TEST(TimelineData, SpansTheExcerptAndOfADamagedFileWhatWasRead) {
  VideoAnalysis analysis = made_recording(5, 2);
  analysis.options.sampling.start = 1;
  analysis.options.sampling.end = 4;
  EXPECT_EQ(timeline_of(analysis).json["begin"], 1.0);
  EXPECT_EQ(timeline_of(analysis).json["end"], 4.0);
  analysis = made_recording(5, 2);
  analysis.duration_seconds = 60;
  EXPECT_EQ(timeline_of(analysis).json["end"], 60.0);
  analysis.damaged = true;
  EXPECT_EQ(timeline_of(analysis).json["end"], 5.0);
}

TEST(TimelineData, OfVeryManyEventsTheLongestStay) {
  const VideoAnalysis analysis = made_recording(2, 2);
  std::vector<ExpressionEvent> events;
  for (int i = 0; i < 2100; ++i) {
    const double onset = i;
    events.push_back(
        {.face_id = 0, .label = 1, .onset = onset, .apex = onset, .offset = onset + 0.1 + i % 2});
  }
  const TimelineData data = timeline_of(analysis, events);
  EXPECT_EQ(data.events_left_out, 100U);
  ASSERT_EQ(data.json["events"].size(), kMostEventsShown);
  EXPECT_EQ(data.json["events"][1]["onset"], 1.0);
  EXPECT_EQ(data.json["events"].back()["onset"], 2099.0);
}

TEST(VideoReport, TellsOfAllThatWasFound) {
  MadeReport made{.analysis = made_recording(6, 4)};
  made.markers = {{.video = "talk", .start = 0, .end = 3, .condition = "rest"},
                  {.video = "other", .start = 0, .end = 3, .condition = "elsewhere"}};
  made.pictures = {{.event = 0, .rgb = cv::Mat(64, 64, CV_8UC3, cv::Scalar(90, 60, 30))}};
  made.player = {.file = "../talk.mp4"};
  made.analysis.warnings = {"the light is poor"};
  const std::string page = made.page();
  for (const char* text :
       {"no measurement of what", "the light is poor", "src=\"../talk.mp4\"",
        "data-kind=\"1\" aria-pressed=\"true\"", ">Conditions<", "\"condition\":\"rest\"",
        "data:image/jpeg;base64,", "<th scope=\"row\">Face 1</th>", "Angry (20), Neutral (12), Happy (8)",
        "href=\"frames.csv\"", "mobilenet_v2", "yunet", "median 1 s"})
    EXPECT_NE(page.find(text), std::string::npos) << text;
  EXPECT_EQ(page.find("elsewhere"), std::string::npos);
}

TEST(VideoReport, OfARecordingWithoutAFaceIsAPageToo) {
  VideoAnalysis analysis = made_recording(3, 2, false);
  for (SampledFrame& frame : analysis.frames) frame.faces.clear();
  const std::string page = MadeReport{.analysis = analysis}.page();
  EXPECT_NE(page.find("No expression other than neutral"), std::string::npos);
  EXPECT_NE(page.find("no video to play"), std::string::npos);
  EXPECT_EQ(page.find("Conditions<"), std::string::npos);
}

TEST(VideoReport, NamesAreTextWhereverTheyStand) {
  MadeReport made{.analysis = made_recording(6, 4)};
  const std::string evil = "<script>alert(1)</script>\"'&#?%.mp4";
  made.analysis.video = evil;
  made.analysis.classes = ClassList({"angry", "<img src=x>", "neutral"});
  made.analysis.warnings = {"<b>bold</b>"};
  made.markers = {{.video = "", .start = 0, .end = 3, .condition = "</script><i>"}};
  made.player = {.file = "../" + evil};
  const std::string page = made.page();
  EXPECT_NE(page.find("src=\"../%3Cscript%3Ealert%281%29%3C/script%3E%22%27%26%23%3F%25.mp4\""),
            std::string::npos);
  for (const char* markup : {"<script>alert", "<img src=x>", "<b>bold", "</script><i>"})
    EXPECT_EQ(page.find(markup), std::string::npos) << markup;
}

TEST(VideoReport, OfAnHourStaysBelowFiveMegabytes) {
  for (const double fps : {3.0, 30.0}) {
    MadeReport made{.analysis = made_recording(3600, fps)};
    for (std::size_t event = 0; event < 24; ++event) {
      cv::Mat noise(512, 512, CV_8UC3);
      cv::randu(noise, 0, 255);
      made.pictures.push_back({.event = event, .rgb = noise});
    }
    EXPECT_LT(made.page().size(), 5'000'000U) << fps;
  }
}

}  // namespace
}  // namespace fer::test
