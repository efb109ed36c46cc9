#include "fer/report/video_results.hpp"

#include <gmock/gmock.h>

#include "fer/report/coding_sample_files.hpp"
#include "fer/report/video_files.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using test::error_text;
using test::TempFolder;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using Strings = std::vector<std::string>;

FaceResult face(int id, std::vector<float> raw, std::vector<float> smoothed) {
  FaceResult face;
  face.face_id = id;
  face.box = {10, 20, 30.5F, 40};
  face.smoothed_label = smoothed[0] > smoothed[1] ? 0 : 1;
  face.probabilities = std::move(raw);
  face.smoothed = std::move(smoothed);
  return face;
}

/// Two frames with a face and one without, at 2 frames a second.
VideoAnalysis made_analysis(const Strings& classes = {"happy", "neutral"}) {
  VideoAnalysis analysis;
  analysis.video = "talk.mp4";
  analysis.classes = ClassList(classes);
  analysis.interpretation.abstain = 0.6;
  analysis.duration_seconds = 1.75;
  analysis.frames = {{.frame = 0, .timestamp = 0, .seconds = 0.5},
                     {.frame = 12, .timestamp = 0.5, .seconds = 0.5},
                     {.frame = 25, .timestamp = 1, .seconds = 0.5}};
  analysis.frames[0].faces = {face(0, {0.1F, 0.9F}, {0.8F, 0.2F}), face(4, {0.9F, 0.1F}, {0.55F, 0.45F})};
  analysis.frames[2].faces = {face(4, {0.9F, 0.1F}, {0.9F, 0.1F})};
  return analysis;
}

void write_results(const fs::path& folder, const VideoAnalysis& analysis) {
  make_folder(folder);
  write_frames_csv(folder / "frames.csv", analysis);
  write_file(folder / "summary.json", summary_json(summarise(analysis)));
  write_file(folder / "events.csv", events_csv(find_events(analysis, 0), analysis.classes));
}

TEST(VideoResults, ReadBackWhatWasWritten) {
  const TempFolder folder;
  write_results(folder.path() / "talk", made_analysis());
  const LabelledVideo video = read_labelled_video(folder.path() / "talk", LabelColumn::smoothed);
  EXPECT_EQ(video.name, "talk");
  EXPECT_EQ(video.video, "talk.mp4");
  EXPECT_EQ(video.categories.classes, ClassList({"happy", "neutral"}));
  EXPECT_EQ(video.end, 1.75);
  ASSERT_THAT(video.frames, SizeIs(3));
  EXPECT_EQ(video.frames[1].frame, 12);
  EXPECT_EQ(video.frames[1].timestamp, 0.5);
  EXPECT_THAT(video.frames[1].faces, SizeIs(0));
  ASSERT_THAT(video.frames[0].faces, SizeIs(2));
  EXPECT_EQ(video.frames[0].faces[0].category, 0);
  EXPECT_EQ(video.frames[0].faces[0].box, cv::Rect2f(10, 20, 30.5F, 40));
  EXPECT_EQ(video.frames[0].faces[1].face_id, 4);
  EXPECT_EQ(video.frames[0].faces[1].category, video.categories.uncertain());
  ASSERT_THAT(video.events, SizeIs(2));
  EXPECT_EQ(video.events[1].face_id, 4);
  EXPECT_EQ(video.events[1].onset, 1);
  EXPECT_EQ(video.events[1].offset, 1.5);
  const LabelledVideo raw = read_labelled_video(folder.path() / "talk", LabelColumn::raw);
  EXPECT_EQ(raw.frames[0].faces[0].category, 1);
}

TEST(VideoResults, AreThoseOfOneFolderOrOfAllInIt) {
  const TempFolder folder;
  write_results(folder.path() / "b", made_analysis());
  write_results(folder.path() / "a", made_analysis());
  folder.write("coding/sample.csv", "id\n");
  const auto all = read_labelled_videos(folder.path(), LabelColumn::smoothed);
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].name, "a");
  EXPECT_THAT(read_labelled_videos(folder.path() / "b/", LabelColumn::smoothed), SizeIs(1));
}

TEST(VideoResults, OfTwoModelsAreNotTakenTogether) {
  const TempFolder folder;
  write_results(folder.path() / "a", made_analysis());
  write_results(folder.path() / "b", made_analysis({"sad", "neutral"}));
  EXPECT_THAT(
      error_text(ErrorKind::data, [&] { return read_labelled_videos(folder.path(), LabelColumn::raw); }),
      HasSubstr("has other classes than a"));
}

TEST(VideoResults, ThatAreNoneOrDamagedAreNamed) {
  const TempFolder folder;
  const auto text = [&](const fs::path& path) {
    return error_text(ErrorKind::data, [&] { return read_labelled_videos(path, LabelColumn::smoothed); });
  };
  EXPECT_THAT(text(folder.path()), HasSubstr("holds no results of fer-infer"));
  EXPECT_THAT(text(folder.path() / "nowhere"), HasSubstr("nowhere: holds no results of fer-infer"));
  const fs::path talk = folder.path() / "talk";
  write_results(talk, made_analysis());
  fs::remove(talk / "events.csv");
  EXPECT_THAT(text(talk), HasSubstr("events.csv"));
  write_results(talk, made_analysis());
  std::string frames = read_file(talk / "frames.csv");
  frames.replace(frames.rfind("happy"), 5, "glad!");
  write_file(talk / "frames.csv", frames);
  EXPECT_THAT(text(talk), HasSubstr("frames.csv:5: 'glad!' is no class of the summary's (column "
                                    "'emotion_smoothed')"));
}

TEST(CodingSampleFiles, HoldNoHintForTheCoderAndWhatTheWeightsNeed) {
  CodingSampleRow row;
  row.id = "0001";
  row.video = "talk";
  row.frame = 12;
  row.timestamp = 0.5;
  row.face_id = 4;
  row.stratum = "happy";
  row.weight = 2.5;
  const std::vector<CodingSampleRow> rows = {row};
  EXPECT_EQ(coding_sample_csv(rows),
            "id,image,video,frame,timestamp,face_id,emotion\n0001,images/0001.jpg,talk,12,0.500000,4,\n");
  EXPECT_EQ(strata_csv(rows), "id,stratum,weight\n0001,happy,2.5\n");
  EXPECT_THAT(coder_instructions(ClassList({"happy", "bored"})), HasSubstr("    happy\n    bored\n"));
}

}  // namespace
}  // namespace fer
