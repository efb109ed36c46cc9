#include "fer/report/video_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "fer/core/csv.hpp"
#include "fer/core/text.hpp"

namespace fer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Fields = std::vector<std::string>;

FrameRow face_row(std::int64_t frame, double time, std::vector<float> probabilities) {
  FrameRow row{.frame = frame, .timestamp = time};
  row.face = FaceResult{.confidence = 0.75F,
                        .box = {10.5F, 20, 100, 120},
                        .probabilities = probabilities,
                        .smoothed = {0.25F, 0.5F, 0.25F}};
  return row;
}

VideoAnalysis three_rows() {
  VideoAnalysis analysis{.video = "Gespräch, 1.mp4",
                         .classes = ClassList({"angry", "happy", "neutral"}),
                         .model = "mobilenet_v2",
                         .detector = "haar"};
  analysis.rows = {face_row(0, 0, {0.1F, 0.2F, 0.7F}), FrameRow{.frame = 10, .timestamp = 1.0 / 3},
                   face_row(20, 2.0 / 3, {0.45F, 0.4F, 0.15F})};
  analysis.frames_total = 30;
  analysis.frames_with_face = 2;
  analysis.duration_seconds = 1.0;
  analysis.warnings = {"decoding stopped at 0.967 s: \"cut off\""};
  return analysis;
}

/// Rows and columns of frames.csv.
std::vector<Fields> parsed(const std::string& text) {
  std::vector<Fields> rows;
  for (const CsvRow& row : parse_csv(text, "test")) rows.push_back(row.fields);
  return rows;
}

TEST(FramesCsv, HasTheColumnsOfTheContract) {
  const std::string text = frames_csv(three_rows());
  EXPECT_EQ(
      text.substr(0, text.find('\n')),
      "video,frame,timestamp,face_id,success,confidence,face_x,face_y,face_w,face_h,emotion,emotion_prob,"
      "angry,happy,neutral,emotion_smoothed,angry_smoothed,happy_smoothed,neutral_smoothed,status");
}

TEST(FramesCsv, OneRowForEverySampledFrame) {
  const std::vector<Fields> rows = parsed(frames_csv(three_rows()));
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_THAT(rows[1],
              ElementsAre("Gespräch, 1.mp4", "0", "0.000000", "0", "1", "0.75", "10.5", "20", "100", "120",
                          "neutral", "0.7", "0.1", "0.2", "0.7", "happy", "0.25", "0.5", "0.25", "ok"));
  EXPECT_THAT(rows[2], ElementsAre("Gespräch, 1.mp4", "10", "0.333333", "", "0", "", "", "", "", "", "", "",
                                   "", "", "", "", "", "", "", "no_face"));
  EXPECT_EQ(rows[3][10], "angry");
}

TEST(FramesCsv, AWithheldLabelKeepsItsProbabilities) {
  VideoAnalysis analysis = three_rows();
  analysis.options.abstain = 0.5;
  const std::vector<Fields> rows = parsed(frames_csv(analysis));
  EXPECT_EQ(rows[1].back(), "ok");
  EXPECT_THAT(rows[3], ElementsAre("Gespräch, 1.mp4", "20", "0.666667", "0", "1", "0.75", "10.5", "20", "100",
                                   "120", "uncertain", "0.45", "0.45", "0.4", "0.15", "happy", "0.25", "0.5",
                                   "0.25", "uncertain"));
}

TEST(FramesCsv, ProbabilitiesReadBackExactly) {
  VideoAnalysis analysis = three_rows();
  analysis.rows[0].face->probabilities = {1.0F / 3, 0.1F, 1 - 1.0F / 3 - 0.1F};
  const std::vector<Fields> rows = parsed(frames_csv(analysis));
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(static_cast<float>(*parse_number(rows[1][12 + i])), analysis.rows[0].face->probabilities[i]);
}

TEST(SummaryJson, HasTheKeysOfTheContract) {
  const auto json = nlohmann::ordered_json::parse(summary_json(summarise(three_rows())));
  Fields keys;
  for (const auto& item : json.items()) keys.push_back(item.key());
  EXPECT_THAT(keys, ElementsAre("video", "duration_seconds", "frames_total", "frames_sampled",
                                "frames_with_face", "coverage", "sample_fps", "faces", "dominant_emotion",
                                "dominant_share", "mean_confidence", "distribution", "uncertain_frames",
                                "model", "detector", "smoothing", "warnings"));
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
  EXPECT_THAT(keys, ElementsAre("face_id", "frames", "dominant_emotion", "dominant_share", "mean_confidence",
                                "distribution", "distribution_smoothed"));
  EXPECT_EQ(json["faces"][0]["distribution_smoothed"].dump(), R"({"angry":0,"happy":2,"neutral":0})");
}

TEST(SummaryJson, IsNullWhereThereWasNoFace) {
  VideoAnalysis analysis = three_rows();
  for (FrameRow& row : analysis.rows) row.face.reset();
  analysis.frames_with_face = 0;
  analysis.duration_seconds.reset();
  const auto json = nlohmann::json::parse(summary_json(summarise(analysis)));
  for (const std::string key : {"duration_seconds", "dominant_emotion", "dominant_share", "mean_confidence"})
    EXPECT_TRUE(json[key].is_null()) << key;
  EXPECT_EQ(json["coverage"], 0.0);
  EXPECT_TRUE(json["faces"].is_array() && json["faces"].empty());
  EXPECT_EQ(json["distribution"]["happy"], 0);
}

TEST(SummaryJson, ANameThatIsNoUtf8IsStillWritten) {
  VideoAnalysis analysis = three_rows();
  analysis.video = "bad\xFFname.mp4";
  EXPECT_EQ(nlohmann::json::parse(summary_json(summarise(analysis)))["video"], "bad\uFFFDname.mp4");
}

TEST(SummaryCsv, OneRowForEachVideo) {
  VideoAnalysis faceless = three_rows();
  for (FrameRow& row : faceless.rows) row.face.reset();
  faceless.frames_with_face = 0;
  faceless.duration_seconds.reset();
  faceless.warnings.clear();
  const std::vector<VideoSummary> summaries = {summarise(three_rows()), summarise(faceless)};
  const std::vector<Fields> rows = parsed(summary_csv(summaries));
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_THAT(rows[0], ElementsAre("video", "duration_seconds", "frames_total", "frames_sampled",
                                   "frames_with_face", "coverage", "sample_fps", "dominant_emotion",
                                   "dominant_share", "mean_confidence", "angry", "happy", "neutral",
                                   "uncertain_frames", "model", "detector", "smoothing", "warnings"));
  EXPECT_THAT(rows[1], ElementsAre("Gespräch, 1.mp4", "1", "30", "3", "2", HasSubstr("0.6666"), "3", "angry",
                                   "0.5", HasSubstr("0.57"), "1", "0", "1", "0", "mobilenet_v2", "haar",
                                   "median 1 s", "decoding stopped at 0.967 s: \"cut off\""));
  EXPECT_THAT(rows[2], ElementsAre("Gespräch, 1.mp4", "", "30", "3", "0", "0", "3", "", "", "", "0", "0", "0",
                                   "0", "mobilenet_v2", "haar", "median 1 s", ""));
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
      "Video              | Frames | Dominant emotion | Share (%) | Mean confidence (%) | Distribution\n"
      "Angry.mp4          |     64 | Neutral          |     75.00 |               51.71 | "
      "Neutral (48), Angry (8), Disgust (8)\n"
      "Überraschung 眼.mp4 |  40/43 | Neutral          |     35.00 |               51.71 | "
      "Neutral (14), Angry (8), Surprise (8), Disgust (6), Sad (4)\n"
      "no face.mp4        |   0/12 | -                |         - |                   - | -\n");
}

TEST(VideoTable, ShowsWithheldLabels) {
  VideoSummary summary = table_row("a.mp4", 5, {1, 0, 0, 2, 0, 0, 0});
  summary.overall.uncertain = 2;
  EXPECT_THAT(video_table({&summary, 1}), HasSubstr("| Happy (2), Angry (1), Uncertain (2)\n"));
}

}  // namespace
}  // namespace fer
