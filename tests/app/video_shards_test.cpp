#include "video_shards.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <map>

#include "app/tool_runs.hpp"
#include "engine/golden_onnx.hpp"
#include "fer/core/random.hpp"
#include "fer/report/video_files.hpp"
#include "fer/vision/image.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using test::kOnnxFiles;
using test::Outcome;
using test::run;
using test::TempFolder;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Not;
using ::testing::StartsWith;
using Sizes = std::vector<std::uintmax_t>;

TEST(ShareOut, GivesTheLargestFirstToWhoHasTheLeast) {
  EXPECT_THAT(share_out(Sizes{1, 5, 3, 2, 3, 2}, 2), ElementsAre(1, 1, 2, 1, 2, 2));
}

TEST(ShareOut, TakesRecordingsOfOneSizeInTheirOrder) {
  EXPECT_THAT(share_out(Sizes{4, 4, 4, 4, 4}, 2), ElementsAre(1, 2, 1, 2, 1));
}

TEST(ShareOut, SpreadsRecordingsThatWeighNothing) {
  EXPECT_THAT(share_out(Sizes{0, 0, 0, 0}, 3), ElementsAre(1, 2, 3, 1));
}

TEST(ShareOut, LeavesTheLastShardsEmptyWhereThereAreTooMany) {
  EXPECT_THAT(share_out(Sizes{7, 9}, 2'000'000'000), ElementsAre(2, 1));
  EXPECT_THAT(share_out(Sizes{}, 3), IsEmpty());
}

TEST(ShareOut, PutsEachRecordingInOneShardAndNoneMoreThanTheLargestAheadOfAnother) {
  Rng rng = Rng::of(1, 2, 3);
  for (const int shards : {1, 2, 3, 7, 20}) {
    Sizes bytes(50);
    for (auto& size : bytes) size = rng.below(1'000'000);
    const std::vector<int> shard_of = share_out(bytes, shards);
    ASSERT_EQ(shard_of.size(), bytes.size());
    Sizes loads(static_cast<std::size_t>(shards));
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      ASSERT_THAT(shard_of[i], AllOf(::testing::Ge(1), Le(shards)));
      loads[static_cast<std::size_t>(shard_of[i] - 1)] += bytes[i];
    }
    EXPECT_THAT(std::ranges::max(loads) - std::ranges::min(loads), Le(std::ranges::max(bytes))) << shards;
  }
}

TEST(ParseShard, ReadsWhichOfHowMany) {
  for (const std::string text : {"1/1", "2/3", "120/120"}) EXPECT_EQ(parse_shard(text).text(), text);
}

TEST(ParseShard, AnythingElseIsAUsageErrorOfOneLine) {
  for (const std::string text : {"0/3", "4/3", "x/y", "1", "", "1/", "/2", "1/2/3", "-1/3", "1.5/3", "1 /3",
                                 "1/99999999999", "1/0", "2/3\n"}) {
    const Outcome outcome = run(infer_tool, {"x.mp4", "--shard", text});
    EXPECT_EQ(outcome.code, kUsage) << text;
    EXPECT_THAT(outcome.err,
                StartsWith("error: --shard: expected i/n with i from 1 to n, such as 2/3, got '"));
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << text;
  }
}

TEST(RecordingList, IsReadBackAsItWas) {
  const TempFolder folder;
  const std::vector<ListedRecording> list = {
      {.path = "clips/a, \"b\"\n\xff.mp4", .folder = "a, \"b\"\n\xff", .shard = {.number = 2, .count = 3}},
      {.path = "c.mp4", .folder = "c", .shard = {.number = 1, .count = 3}}};
  const auto read = read_recordings_csv(folder.write("recordings.csv", recordings_csv(list)));
  EXPECT_EQ(recordings_csv(read), recordings_csv(list));
  EXPECT_EQ(read.at(0).path, list[0].path);
  EXPECT_EQ(read.at(0).folder, list[0].folder);
  EXPECT_EQ(read.at(0).shard.text(), "2/3");
}

TEST(RecordingList, NamesTheLineThatIsDamaged) {
  const TempFolder folder;
  const fs::path path = folder.write("recordings.csv", "recording,folder,shard,shards\na,a,1,3\nb,b,4,3\n");
  EXPECT_EQ(test::error_text(ErrorKind::data, [&] { read_recordings_csv(path); }),
            path.string() + ":3: '4' of '3' is no shard");
  folder.write("recordings.csv", "recording,folder,shard\na,a,1\n");
  EXPECT_THAT(test::error_text(ErrorKind::data, [&] { read_recordings_csv(path); }), HasSubstr("'shards'"));
}

TEST(ShardOptions, RefuseWhatDoesNotGoTogether) {
  EXPECT_EQ(run(infer_tool, {}).err, "error: video is required (see --help)\n");
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--merge", "out", "x.mp4"},
                                                    {"--merge", "out", "-o", "other"},
                                                    {"--merge", "out", "--shard", "1/2"}}) {
    const Outcome outcome = run(infer_tool, arguments);
    EXPECT_EQ(outcome.code, kUsage);
    EXPECT_THAT(outcome.err, HasSubstr(" excludes --merge (see --help)"));
  }
  const Outcome sample = run(
      infer_tool, {"x.mp4", "--shard", "1/2", "--sample-for-coding", "9", "-m", kOnnxFiles / "small.onnx"});
  EXPECT_EQ(sample.code, kUsage);
  EXPECT_THAT(sample.err, HasSubstr("draws from all recordings"));
}

/// A results folder as shards leave it.
class Merge : public ::testing::Test {
 protected:
  static VideoSummary summary(const std::string& video, const std::vector<Marker>& markers = {}) {
    VideoAnalysis analysis;
    analysis.video = video;
    analysis.classes = ClassList({"happy", "neutral"});
    analysis.model = "small";
    analysis.frames_total = static_cast<std::int64_t>(video.size());
    VideoSummary summary = summarise(analysis, markers);
    summary.run_key = "key";
    return summary;
  }

  void list(const std::vector<ListedRecording>& recordings) const {
    folder_.write("recordings.csv", recordings_csv(recordings));
  }
  void put(const std::string& folder, const VideoSummary& summary) const {
    folder_.write(folder + "/summary.json", summary_json(summary));
  }
  Outcome merge() const { return run(infer_tool, {"--merge", folder_.path().string()}); }
  std::string text(const std::string& name) const { return read_file(folder_ / name); }

  TempFolder folder_;
  const std::vector<ListedRecording> two_ = {
      {.path = "z/talk.mp4", .folder = "talk", .shard = {.number = 2, .count = 2}},
      {.path = "a/talk.mp4", .folder = "talk-2", .shard = {.number = 1, .count = 2}}};
};

TEST_F(Merge, WritesAndPrintsWhatOneCallWouldInTheOrderOfTheList) {
  const std::vector<Marker> markers = {{.start = 0, .end = 1, .condition = "rest"}};
  const std::vector<VideoSummary> summaries = {summary("talk.mp4", markers), summary("a/talk.mp4")};
  list(two_);
  put("talk", summaries[0]);
  put("talk-2", summaries[1]);
  std::vector<VideoSummary> expected = summaries;
  expected[1].video = "talk.mp4";
  const Outcome outcome = merge();
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_EQ(outcome.out, video_table(expected));
  EXPECT_EQ(text("summary.csv"), summary_csv(expected));
  EXPECT_EQ(text("conditions.csv"), conditions_csv(expected));
}

TEST_F(Merge, KeepsTheBytesOfNamesThatAreNoUtf8) {
  list({{.path = "a/\xff.mp4", .folder = "\xff", .shard = {}}});
  put("\xff", summary("\xff.mp4"));
  EXPECT_EQ(merge().code, kOk);
  EXPECT_EQ(text("summary.csv"), summary_csv(std::vector{summary("\xff.mp4")}));
  EXPECT_FALSE(fs::exists(folder_ / "conditions.csv")) << "no markers were used";
}

TEST_F(Merge, NamesWhatIsMissingAndTheShardsToRunAgain) {
  list(two_);
  put("talk-2", summary("talk.mp4"));
  const Outcome one = merge();
  EXPECT_EQ(one.code, kSomeInputsFailed);
  EXPECT_THAT(one.err, AllOf(HasSubstr("z/talk.mp4: has no results: shard 2/2 "), Not(HasSubstr("a/talk")),
                             HasSubstr("1 recording is missing; run again with --resume: --shard 2/2\n")));
  EXPECT_EQ(text("summary.csv"), summary_csv(std::vector{summary("talk.mp4")}));

  VideoSummary stopped = summary("talk.mp4");
  stopped.run_key.clear();
  put("talk-2", stopped);
  folder_.write("talk/summary.json", "{}");
  const Outcome both = merge();
  EXPECT_EQ(both.code, kSomeInputsFailed);
  EXPECT_EQ(both.out, "");
  EXPECT_THAT(both.err, AllOf(HasSubstr("a/talk.mp4: shard 1/2 was stopped before its end"),
                              HasSubstr("talk/summary.json: is no summary of this version"),
                              HasSubstr("2 recordings are missing; run again with --resume: --shard 1/2, "
                                        "--shard 2/2\n")));
}

TEST_F(Merge, EndsWith4ForADamagedRecordingAsOneCallDoes) {
  list(two_);
  VideoSummary damaged = summary("talk.mp4");
  damaged.damaged = true;
  damaged.warnings = {"the file is cut off"};
  put("talk", summary("talk.mp4"));
  put("talk-2", damaged);
  const Outcome outcome = merge();
  EXPECT_EQ(outcome.code, kSomeInputsFailed);
  EXPECT_THAT(outcome.err,
              AllOf(HasSubstr("a/talk.mp4: is damaged: the file is cut off"), Not(HasSubstr("run again"))));
}

TEST_F(Merge, RefusesResultsOfDifferentSettings) {
  list(two_);
  put("talk", summary("talk.mp4"));
  VideoSummary other = summary("talk.mp4");
  other.smoothing = "hmm 2";
  put("talk-2", other);
  const Outcome outcome = merge();
  EXPECT_EQ(outcome.code, kData);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("smoothing hmm 2"), HasSubstr("same settings")));
  EXPECT_FALSE(fs::exists(folder_ / "summary.csv"));
}

TEST_F(Merge, NeedsTheListThatShardsWrite) {
  const Outcome outcome = merge();
  EXPECT_EQ(outcome.code, kData);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("recordings.csv: is not there"), HasSubstr("--shard")));
}

/// fer-infer on small sequences of pictures, two of which are called alike.
class ShardedInference : public ::testing::Test {
 protected:
  ShardedInference() {
    for (const auto& [name, pictures] : {std::pair{"a/talk", 2}, {"b/talk", 1}, {"c", 4}}) {
      for (int i = 1; i <= pictures; ++i)
        write_image(folder_ / fmt::format("{}/{}.png", name, i), test::golden_picture());
    }
  }

  Outcome infer(const std::string& output, const std::vector<std::string>& more,
                std::vector<std::string> arguments = {"a/talk", "b/talk", "c"}) const {
    for (std::string& name : arguments) name = (folder_ / name).string();
    arguments.insert(arguments.end(), {"-m", kOnnxFiles / "small.onnx", "--detector", "none", "-o",
                                       (folder_ / output).string()});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(infer_tool, arguments);
  }

  /// A file's text by its name below a folder.
  std::map<std::string, std::string> contents(const std::string& name) const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_ / name)) {
      if (entry.is_regular_file())
        files[entry.path().lexically_relative(folder_ / name).string()] = read_file(entry.path());
    }
    return files;
  }

  TempFolder folder_;
};

TEST_F(ShardedInference, LeavesWhatOneCallLeavesInOneFolderOrInSeveral) {
  const Outcome whole = infer("whole", {});
  ASSERT_EQ(whole.code, kOk) << whole.err;
  std::map<std::string, std::string> lists;
  for (const std::string shard : {"2/2", "1/2"}) {
    const Outcome outcome = infer("shared", {"--shard", shard});
    ASSERT_EQ(outcome.code, kOk) << outcome.err;
    lists[contents("shared").at("recordings.csv")] = shard;
    const std::string own = "own-" + shard.substr(0, 1);
    ASSERT_EQ(infer(own, {"--shard", shard}).code, kOk);
    fs::copy(folder_ / own, folder_ / "copied",
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }
  EXPECT_EQ(lists.size(), 1U) << "every shard writes the same";
  EXPECT_FALSE(contents("shared").contains("summary.csv"));
  EXPECT_EQ(contents("shared"), contents("copied"));
  for (const std::string output : {"shared", "copied"}) {
    const Outcome merged = run(infer_tool, {"--merge", (folder_ / output).string()});
    EXPECT_EQ(merged.code, kOk) << merged.err;
    EXPECT_EQ(merged.out, whole.out);
    const auto files = contents(output);
    for (const auto& [name, text] : contents("whole")) EXPECT_TRUE(files.at(name) == text) << name;
    EXPECT_EQ(files.size(), contents("whole").size() + 3) << "the list, and a summary of each shard";
  }
}

TEST_F(ShardedInference, AShardWithoutRecordingsSaysSoAndIsDone) {
  const Outcome outcome = infer("none", {"--shard", "4/4"});
  EXPECT_EQ(outcome.code, kOk);
  EXPECT_THAT(outcome.err, HasSubstr("shard 4/4: 0 of 3 recordings, so there is nothing to do"));
  EXPECT_FALSE(fs::exists(folder_ / "none"));
}

TEST_F(ShardedInference, SharesOutNothingElseInTheSameFolderUnlessTold) {
  ASSERT_EQ(infer("out", {"--shard", "1/2"}).code, kOk);
  const std::string list = contents("out").at("recordings.csv");
  EXPECT_THAT(infer("out", {"--shard", "1/2"}).err, HasSubstr("holds results already"));
  const Outcome refused = infer("out", {"--shard", "2/3"});
  EXPECT_EQ(refused.code, kUsage);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("recordings.csv: was written for other recordings"),
                                 HasSubstr("--resume or --exist-ok")));
  EXPECT_EQ(contents("out").at("recordings.csv"), list);

  const Outcome resumed = infer("out", {"--shard", "1/3", "--resume"});
  EXPECT_EQ(resumed.code, kOk) << resumed.err;
  EXPECT_THAT(resumed.err, AllOf(HasSubstr("it is replaced"), HasSubstr("1 of 1 were finished already")));
  EXPECT_THAT(infer("out", {"--shard", "2/3", "--resume"}).err, Not(HasSubstr("it is replaced")));
}

TEST_F(ShardedInference, ARecordingThatFailsIsOneOfManyThoughItsShardHasNoOther) {
  folder_.write("bad/1.png", std::string(1 << 20, 'x'));
  const Outcome alone = infer("alone", {}, {"bad"});
  EXPECT_EQ(alone.code, kData);
  const Outcome shard = infer("shards", {"--shard", "1/2"}, {"a/talk", "bad", "c"});
  EXPECT_EQ(shard.code, kSomeInputsFailed);
  EXPECT_THAT(shard.err, AllOf(HasSubstr("shard 1/2: 1 of 3 recordings"), HasSubstr("bad")));
  EXPECT_EQ(infer("shards", {"--shard", "2/2"}, {"a/talk", "bad", "c"}).code, kOk);
  const Outcome merged = run(infer_tool, {"--merge", (folder_ / "shards").string()});
  EXPECT_EQ(merged.code, kSomeInputsFailed);
  EXPECT_THAT(merged.err, HasSubstr("bad: has no results: shard 1/2 "));
}

}  // namespace
}  // namespace fer
