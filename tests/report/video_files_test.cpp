#include "fer/report/video_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fer/core/csv.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Fields = std::vector<std::string>;

SampledFrame face_frame(std::int64_t frame, double time, std::vector<float> probabilities) {
  return {.frame = frame,
          .timestamp = time,
          .seconds = 1.0 / 3,
          .faces = {{.confidence = 0.75F,
                     .box = {10.5F, 20, 100, 120},
                     .brightness = 100,
                     .probabilities = std::move(probabilities),
                     .smoothed = {0.25F, 0.5F, 0.25F},
                     .smoothed_label = 1}}};
}

VideoAnalysis three_frames() {
  VideoAnalysis analysis{.video = "Gespräch, 1.mp4",
                         .classes = ClassList({"angry", "happy", "neutral"}),
                         .model = "mobilenet_v2",
                         .detector = "haar"};
  analysis.frames = {face_frame(0, 0, {0.1F, 0.2F, 0.7F}),
                     SampledFrame{.frame = 10, .timestamp = 1.0 / 3, .seconds = 1.0 / 3},
                     face_frame(20, 2.0 / 3, {0.45F, 0.4F, 0.15F})};
  analysis.frames_total = 30;
  analysis.duration_seconds = 1.0;
  analysis.warnings = {"decoding stopped at 0.967 s: \"cut off\""};
  return analysis;
}

/// The text of frames.csv.
std::string frames_csv(const VideoAnalysis& analysis) {
  const test::TempFolder folder;
  write_frames_csv(folder / "frames.csv", analysis);
  return read_file(folder / "frames.csv");
}

/// Rows and columns of frames.csv.
std::vector<Fields> parsed(const std::string& text) {
  std::vector<Fields> rows;
  for (const CsvRow& row : parse_csv(text, "test")) rows.push_back(row.fields);
  return rows;
}

TEST(FramesCsv, HasTheColumnsOfTheContract) {
  const std::string text = frames_csv(three_frames());
  EXPECT_EQ(
      text.substr(0, text.find('\n')),
      "video,frame,timestamp,face_id,success,confidence,face_x,face_y,face_w,face_h,emotion,emotion_prob,"
      "angry,happy,neutral,emotion_smoothed,angry_smoothed,happy_smoothed,neutral_smoothed,status");
}

TEST(FramesCsv, OneRowForEverySampledFrame) {
  const std::vector<Fields> rows = parsed(frames_csv(three_frames()));
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_THAT(rows[1],
              ElementsAre("Gespräch, 1.mp4", "0", "0.000000", "0", "1", "0.75", "10.5", "20", "100", "120",
                          "neutral", "0.7", "0.1", "0.2", "0.7", "happy", "0.25", "0.5", "0.25", "ok"));
  EXPECT_THAT(rows[2], ElementsAre("Gespräch, 1.mp4", "10", "0.333333", "", "0", "", "", "", "", "", "", "",
                                   "", "", "", "", "", "", "", "no_face"));
  EXPECT_EQ(rows[3][10], "angry");
}

TEST(FramesCsv, AWithheldLabelKeepsItsProbabilities) {
  VideoAnalysis analysis = three_frames();
  analysis.interpretation.abstain = 0.5;
  const std::vector<Fields> rows = parsed(frames_csv(analysis));
  EXPECT_EQ(rows[1].back(), "ok");
  EXPECT_THAT(rows[3], ElementsAre("Gespräch, 1.mp4", "20", "0.666667", "0", "1", "0.75", "10.5", "20", "100",
                                   "120", "uncertain", "0.45", "0.45", "0.4", "0.15", "happy", "0.25", "0.5",
                                   "0.25", "uncertain"));
}

TEST(FramesCsv, ProbabilitiesReadBackExactly) {
  VideoAnalysis analysis = three_frames();
  analysis.frames[0].faces[0].probabilities = {1.0F / 3, 0.1F, 1 - 1.0F / 3 - 0.1F};
  const std::vector<Fields> rows = parsed(frames_csv(analysis));
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(static_cast<float>(*parse_number(rows[1][12 + i])),
              analysis.frames[0].faces[0].probabilities[i]);
}

TEST(SummaryJson, HasTheKeysOfTheContract) {
  const auto json = nlohmann::ordered_json::parse(summary_json(summarise(three_frames())));
  Fields keys;
  for (const auto& item : json.items()) keys.push_back(item.key());
  EXPECT_THAT(
      keys, ElementsAre("video", "duration_seconds", "frames_total", "frames_sampled", "frames_with_face",
                        "coverage", "cuts", "sample_fps", "faces", "dominant_emotion", "dominant_share",
                        "mean_confidence", "distribution", "distribution_smoothed", "seconds_smoothed",
                        "transitions_smoothed", "faces_counted", "uncertain_frames", "conditions", "classes",
                        "model", "detector", "smoothing", "correction", "damaged", "warnings", "run_key"));
  EXPECT_EQ(json["video"], "Gespräch, 1.mp4");
  EXPECT_EQ(json["duration_seconds"], 1.0);
  EXPECT_EQ(json["frames_sampled"], 3);
  EXPECT_EQ(json["sample_fps"], 3.0);
  EXPECT_EQ(json["dominant_emotion"], "angry");
  EXPECT_EQ(json["dominant_share"], 0.5);
  EXPECT_EQ(json["distribution"].dump(), R"({"angry":1,"happy":0,"neutral":1})");
  EXPECT_EQ(json["smoothing"], "median 1 s");
  EXPECT_EQ(json["warnings"].size(), 1U);

  ASSERT_EQ(json["faces"].size(), 1U);
  keys.clear();
  for (const auto& item : json["faces"][0].items()) keys.push_back(item.key());
  EXPECT_THAT(
      keys, ElementsAre("face_id", "frames", "first_seen", "last_seen", "dominant_emotion", "dominant_share",
                        "mean_confidence", "distribution", "distribution_smoothed", "seconds_smoothed",
                        "transitions_smoothed", "faces_counted", "uncertain_frames"));
  EXPECT_EQ(json["faces"][0]["distribution_smoothed"].dump(), R"({"angry":0,"happy":2,"neutral":0})");
}

TEST(FramesCsv, EveryFaceHasARowAndCorrectedColumnsStandBesideTheRawOnes) {
  VideoAnalysis analysis = three_frames();
  analysis.interpretation.prior = ExpectedPrior::uniform;
  for (SampledFrame& frame : analysis.frames) {
    for (FaceResult& face : frame.faces) face.corrected = {0.5F, 0.25F, 0.25F};
  }
  analysis.frames[2].faces.push_back(analysis.frames[2].faces[0]);
  analysis.frames[2].faces[1].face_id = 1;
  const std::vector<Fields> rows = parsed(frames_csv(analysis));
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_THAT(rows[0], ElementsAre("video", "frame", "timestamp", "face_id", "success", "confidence",
                                   "face_x", "face_y", "face_w", "face_h", "emotion", "emotion_prob", "angry",
                                   "happy", "neutral", "emotion_corrected", "angry_corrected",
                                   "happy_corrected", "neutral_corrected", "emotion_smoothed",
                                   "angry_smoothed", "happy_smoothed", "neutral_smoothed", "status"));
  for (const Fields& row : rows) EXPECT_EQ(row.size(), rows[0].size());
  EXPECT_EQ(rows[1][15], "angry");
  EXPECT_EQ(rows[3][3], "0");
  EXPECT_EQ(rows[4][3], "1");
  EXPECT_EQ(rows[4][2], rows[3][2]);
}

TEST(SummaryJson, IsReadBackAsItWas) {
  const test::TempFolder folder;
  VideoAnalysis analysis = three_frames();
  analysis.frames[0].faces[0].corrected = {0.5F, 0.25F, 0.25F};
  analysis.frames[2].faces[0].smoothed_label = 2;
  analysis.interpretation.prior = ExpectedPrior::uniform;
  const std::vector<Marker> markers = {{.start = 0, .end = 0.5, .condition = "a \"b\""}};
  VideoSummary summary = summarise(analysis, markers);
  summary.run_key = "key";
  write_file(folder / "summary.json", summary_json(summary));
  const VideoSummary read = read_summary(folder / "summary.json");
  EXPECT_EQ(summary_json(read), summary_json(summary));
  EXPECT_EQ(summary_csv({&read, 1}), summary_csv({&summary, 1}));
  EXPECT_EQ(conditions_csv({&read, 1}), conditions_csv({&summary, 1}));
  EXPECT_EQ(video_table({&read, 1}), video_table({&summary, 1}));
  EXPECT_EQ(read.overall.transitions, summary.overall.transitions);

  for (const char* bad : {"", "{}", "[1]", "{\"video\": 3}"}) {
    write_file(folder / "bad.json", bad);
    EXPECT_EQ(test::error_text(ErrorKind::data, [&] { read_summary(folder / "bad.json"); }),
              (folder / "bad.json").string() + ": is no summary of this version");
  }
}

TEST(ConditionsCsv, HasEachConditionOfEachVideoAndOverAll) {
  const std::vector<Marker> markers = {{.start = 0, .end = 0.5, .condition = "rest"},
                                       {.start = 0.5, .end = 9, .condition = "talk"}};
  VideoAnalysis other = three_frames();
  other.video = "b.mp4";
  const std::vector<VideoSummary> summaries = {summarise(three_frames(), markers), summarise(other, markers)};
  const std::vector<Fields> rows = parsed(conditions_csv(summaries));
  ASSERT_EQ(rows.size(), 7U);
  EXPECT_THAT(rows[0], ElementsAre("video", "condition", "frames_sampled", "frames_with_face",
                                   "dominant_emotion", "dominant_share", "mean_confidence", "angry", "happy",
                                   "neutral", "uncertain_frames"));
  EXPECT_THAT(rows[1], ElementsAre("Gespräch, 1.mp4", "rest", "2", "1", "neutral", "1", HasSubstr("0.69"),
                                   "0", "0", "1", "0"));
  EXPECT_THAT(rows[4],
              ElementsAre("b.mp4", "talk", "1", "1", "angry", "1", HasSubstr("0.44"), "1", "0", "0", "0"));
  EXPECT_THAT(rows[6],
              ElementsAre("", "talk", "2", "2", "angry", "1", HasSubstr("0.44"), "2", "0", "0", "0"));
}

TEST(EventsCsv, HasTheColumnsOfTheContract) {
  const std::vector<ExpressionEvent> events = {
      {.face_id = 2, .label = 1, .onset = 0.5, .apex = 1, .offset = 2.25, .peak_prob = 0.75F}};
  EXPECT_EQ(events_csv(events, ClassList({"angry", "happy"})),
            "face_id,emotion,onset,apex,offset,peak_prob\n2,happy,0.500000,1.000000,2.250000,0.75\n");
}

TEST(SummaryJson, IsNullWhereThereWasNoFace) {
  VideoAnalysis analysis = three_frames();
  for (SampledFrame& frame : analysis.frames) frame.faces.clear();
  analysis.duration_seconds.reset();
  const auto json = nlohmann::json::parse(summary_json(summarise(analysis)));
  for (const std::string key : {"duration_seconds", "dominant_emotion", "dominant_share", "mean_confidence"})
    EXPECT_TRUE(json[key].is_null()) << key;
  EXPECT_EQ(json["coverage"], 0.0);
  EXPECT_TRUE(json["faces"].is_array() && json["faces"].empty());
  EXPECT_EQ(json["distribution"]["happy"], 0);
}

TEST(SummaryJson, ANameThatIsNoUtf8IsStillWritten) {
  VideoAnalysis analysis = three_frames();
  analysis.video = "bad\xFFname.mp4";
  EXPECT_EQ(nlohmann::json::parse(summary_json(summarise(analysis)))["video"], "bad\uFFFDname.mp4");
}

TEST(SummaryCsv, OneRowForEachVideo) {
  VideoAnalysis faceless = three_frames();
  for (SampledFrame& frame : faceless.frames) frame.faces.clear();
  faceless.duration_seconds.reset();
  faceless.warnings.clear();
  const std::vector<VideoSummary> summaries = {summarise(three_frames()), summarise(faceless)};
  const std::vector<Fields> rows = parsed(summary_csv(summaries));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_THAT(rows[0], ElementsAre("video", "duration_seconds", "frames_total", "frames_sampled",
                                   "frames_with_face", "coverage", "sample_fps", "faces", "dominant_emotion",
                                   "dominant_share", "mean_confidence", "angry", "happy", "neutral",
                                   "uncertain_frames", "angry_seconds", "happy_seconds", "neutral_seconds",
                                   "model", "detector", "smoothing", "correction", "warnings"));
  EXPECT_THAT(rows[1], ElementsAre("Gespräch, 1.mp4", "1", "30", "3", "2", HasSubstr("0.6666"), "3", "1",
                                   "angry", "0.5", HasSubstr("0.57"), "1", "0", "1", "0", "0",
                                   HasSubstr("0.6666"), "0", "mobilenet_v2", "haar", "median 1 s", "none",
                                   "decoding stopped at 0.967 s: \"cut off\""));
  EXPECT_THAT(rows[2], ElementsAre("Gespräch, 1.mp4", "", "30", "3", "0", "0", "3", "0", "", "", "", "0", "0",
                                   "0", "0", "0", "0", "0", "mobilenet_v2", "haar", "median 1 s", "none",
                                   "no sampled frame shows a face"));
  EXPECT_EQ(parsed(summary_csv({})).size(), 1U);
}

VideoSummary table_row(std::string video, std::int64_t sampled, std::vector<std::int64_t> counts) {
  VideoSummary summary;
  summary.video = std::move(video);
  summary.frames_sampled = sampled;
  for (const std::int64_t count : counts) summary.frames_with_face += count;
  summary.overall.frames = summary.frames_with_face;
  summary.overall.distribution = counts;
  if (summary.frames_with_face == 0) return summary;
  const auto top = std::ranges::max_element(counts);
  summary.overall.dominant = static_cast<int>(top - counts.begin());
  summary.overall.dominant_share = static_cast<double>(*top) / static_cast<double>(summary.frames_with_face);
  summary.overall.mean_confidence = 0.5171;
  return summary;
}

TEST(VideoTable, IsTheReferencePapersTableTwo) {
  std::vector<VideoSummary> summaries = {table_row("Angry.mp4", 64, {8, 8, 0, 0, 0, 0, 48}),
                                         table_row("Überraschung 眼.mp4", 43, {8, 6, 0, 0, 4, 8, 14}),
                                         table_row("no face.mp4", 12, {0, 0, 0, 0, 0, 0, 0})};
  EXPECT_EQ(
      video_table(summaries),
      "Video               | Frames | Dominant emotion | Share (%) | Mean confidence (%) | Distribution\n"
      "Angry.mp4           |     64 | Neutral          |     75.00 |               51.71 | "
      "Neutral (48), Angry (8), Disgust (8)\n"
      "Überraschung 眼.mp4 |  40/43 | Neutral          |     35.00 |               51.71 | "
      "Neutral (14), Angry (8), Surprise (8), Disgust (6), Sad (4)\n"
      "no face.mp4         |   0/12 | -                |         - |                   - | -\n");
}

TEST(VideoTable, ShowsWithheldLabels) {
  VideoSummary summary = table_row("a.mp4", 5, {1, 0, 0, 2, 0, 0, 0});
  summary.overall.uncertain = 2;
  EXPECT_THAT(video_table({&summary, 1}), HasSubstr("| Happy (2), Angry (1), Uncertain (2)\n"));
}

}  // namespace
}  // namespace fer
