// Recorded videos by the built fer-infer: batches, damage, full disks, interruptions.
#include <gmock/gmock.h>

#include <chrono>
#include <map>
#include <thread>

#include "fer/core/csv.hpp"
#include "program.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using test::Program;
using test::TempFolder;
using ::testing::HasSubstr;
using ::testing::Not;

/// A small model, and a drawn video of 6 s in which the person is away for one.
class RecordedVideo : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TempFolder>();
    const Program synth("fer-data",
                        {"synth", "--subjects", "4", "--sessions", "1", "--angles", "S", "-o", path("faces"),
                         "--video", path("person.mp4"), "--video-segments",
                         "neutral,happy,none,angry,sad,surprise", "--segment-seconds", "1", "-q"},
                        *folder_);
    ASSERT_EQ(synth.wait(), 0) << synth.err();
    const Program training("fer-train",
                           {"--set", "data.sources=[{kind: kdef, root: " + path("faces") + "}]", "--set",
                            "data.split={method: subject, val: 0.25}", "--set", "model.weights=none", "--set",
                            "input.size=32", "--set", "data.cache.folder=" + path("crops"), "--epochs", "1",
                            "-o", path("runs"), "--name", "small"},
                           *folder_);
    ASSERT_EQ(training.wait(), 0) << training.err();
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static std::string path(const std::string& name) { return (*folder_ / name).string(); }

  static Program infer(std::vector<std::string> arguments, rlim_t largest_file = 0) {
    return infer(std::move(arguments), *folder_, largest_file);
  }

  /// Whose streams go into a folder of its own, so that several can run at the same time.
  static Program infer(std::vector<std::string> arguments, const TempFolder& streams,
                       rlim_t largest_file = 0) {
    arguments.insert(arguments.end(), {"-m", path("runs/small/best.safetensors")});
    return {"fer-infer", arguments, streams, largest_file};
  }

  /// A file's text by its name, for all files of a folder.
  static std::map<std::string, std::string> contents(const fs::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(folder))
      files[entry.path().filename()] = read_file(entry.path());
    return files;
  }

  static void draw(const std::string& video, const std::string& segments) {
    const TempFolder faces;
    const Program synth(
        "fer-data",
        {"synth", "--subjects", "2", "--sessions", "1", "--angles", "S", "-o", (faces / "faces").string(),
         "--video", path(video), "--video-segments", segments, "--segment-seconds", "1", "-q"},
        *folder_);
    ASSERT_EQ(synth.wait(), 0) << synth.err();
  }

  /// Five recordings, two of them called alike and one damaged, with markers.
  static std::vector<std::string> five_recordings() {
    for (const char* folder : {"one", "two"}) fs::create_directory(path(folder));
    fs::copy(path("person.mp4"), path("one/talk.mp4"));
    draw("two/talk.mp4", "sad,happy");
    draw("short.mp4", "angry");
    draw("late.mp4", "none,surprise");
    const std::string bytes = read_file(path("person.mp4"));
    folder_->write("cut.mp4", bytes.substr(0, bytes.size() / 2));
    folder_->write("conditions.csv", "video,start,end,condition\n,0,1,rest\ntalk,1,9,talk\n");
    return {path("one/talk.mp4"), path("two/talk.mp4"), path("cut.mp4"),       path("short.mp4"),
            path("late.mp4"),     "--markers",          path("conditions.csv")};
  }

  /// All at the same time; their exit codes, sorted, and what they said.
  static std::pair<std::vector<int>, std::string> run_shards(const std::vector<std::string>& arguments,
                                                             int count) {
    const std::vector<TempFolder> streams(static_cast<std::size_t>(count));
    std::vector<Program> programs;
    for (int i = 1; i <= count; ++i) {
      std::vector<std::string> all = arguments;
      all.insert(all.end(), {"--shard", std::to_string(i) + "/" + std::to_string(count)});
      programs.push_back(infer(all, streams[static_cast<std::size_t>(i - 1)]));
    }
    std::vector<int> codes;
    std::string said;
    for (const Program& program : programs) {
      codes.push_back(program.wait());
      said += program.err();
    }
    std::ranges::sort(codes);
    return {codes, said};
  }

  static void expect_the_same(const std::string& output, const std::vector<std::string>& folders) {
    for (const char* table : {"/summary.csv", "/conditions.csv"})
      EXPECT_EQ(read_file(path(output + table)), read_file(path("undivided" + std::string(table))));
    for (const std::string& folder : folders) {
      const auto files = contents(path(output + "/" + folder));
      const auto expected = contents(path("undivided/" + folder));
      EXPECT_EQ(files.size(), expected.size()) << folder;
      for (const auto& [name, text] : expected) EXPECT_TRUE(files.at(name) == text) << folder << " " << name;
    }
  }

  static std::unique_ptr<TempFolder> folder_;
};

std::unique_ptr<TempFolder> RecordedVideo::folder_;

TEST_F(RecordedVideo, AllFilesOfTheContractAreThereAndTheSameForAnyNumberOfThreads) {
  const Program one = infer({path("person.mp4"), "-o", path("one"), "--sample-fps", "all", "-j", "1"});
  ASSERT_EQ(one.wait(), 0) << one.err();
  EXPECT_THAT(one.err(), HasSubstr("150 frames decoded = "));
  const Program three = infer({path("person.mp4"), "-o", path("three"), "--sample-fps", "all", "-j", "3"});
  ASSERT_EQ(three.wait(), 0) << three.err();
  EXPECT_THAT(three.err(), Not(HasSubstr("TBB")));
  const auto files = contents(path("one/person"));
  for (const char* name : {"frames.csv", "summary.json", "events.csv", "events.eaf", "events.TextGrid",
                           "timeline.svg", "timeline.png", "report.html"})
    EXPECT_TRUE(files.contains(name)) << name;
  EXPECT_FALSE(files.contains("annotated.mp4"));
  EXPECT_EQ(parse_csv(files.at("frames.csv"), "frames.csv").size(), 1U + 150U);
  for (const auto& [name, text] : files) EXPECT_TRUE(contents(path("three/person")).at(name) == text) << name;
}

TEST_F(RecordedVideo, TheReportPlaysWhatLiesThereAndIsLeftOutOnRequest) {
  const std::string name = "<script>alert(1)<script> #?%.mp4";
  fs::copy(path("person.mp4"), path(name));
  const auto report = [](const std::string& output, std::vector<std::string> options) {
    options.insert(options.end(), {path("<script>alert(1)<script> #?%.mp4"), "-o", path(output)});
    const Program run = infer(options);
    EXPECT_EQ(run.wait(), 0) << run.err();
    const fs::path file = path(output) + "/<script>alert(1)<script> #?%/report.html";
    return fs::exists(file) ? read_file(file) : "none";
  };
  const std::string plain = report("page", {});
  EXPECT_THAT(plain, HasSubstr("src=\"../../%3Cscript%3Ealert%281%29%3Cscript%3E%20%23%3F%25.mp4\""));
  EXPECT_THAT(plain, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(plain, HasSubstr("<img alt=\"\" src=\"data:image/jpeg;base64,"));
  EXPECT_THAT(report("page-faceless", {"--no-thumbnails"}), Not(HasSubstr("data:image")));
  EXPECT_EQ(report("page-none", {"--no-report"}), "none");
  const std::string blurred = report("page-blurred", {"--blur-faces"});
  EXPECT_THAT(blurred, HasSubstr("src=\"annotated.mp4\""));
  EXPECT_THAT(blurred, Not(HasSubstr("data:image")));
}

TEST_F(RecordedVideo, ABatchGoesOnPastWhatFailsAndResumesWithIt) {
  fs::create_directory(path("clips"));
  fs::copy(path("person.mp4"), path("clips/a b.mp4"));
  fs::copy(path("person.mp4"), path("clips/\xE7\x9C\xBC.mp4"));
  folder_->write("clips/empty.mp4", "");
  folder_->write("clips/text.mp4", "no video");
  folder_->write("markers.csv", "video,start,end,condition\n,0,2,rest\na b,2,9,talk\n");
  const std::vector<std::string> arguments = {path("clips"),       "-o",      path("batch"), "--markers",
                                              path("markers.csv"), "--resume"};
  const Program batch = infer(arguments);
  EXPECT_EQ(batch.wait(), 4);
  EXPECT_THAT(batch.err(), HasSubstr("empty.mp4: the file is empty"));
  EXPECT_THAT(batch.err(), HasSubstr("text.mp4: cannot be read as a video"));
  const auto rows = parse_csv(read_file(*folder_ / "batch/summary.csv"), "summary.csv");
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(parse_csv(read_file(*folder_ / "batch/conditions.csv"), "conditions.csv").size(), 1U + 3U + 2U);
  EXPECT_FALSE(fs::exists(path("batch/empty")));
  EXPECT_FALSE(fs::exists(path("batch/text")));
  const auto before = contents(path("batch/a b"));
  const auto written = fs::last_write_time(path("batch/a b/summary.json"));

  const Program again = infer(arguments);
  EXPECT_EQ(again.wait(), 4);
  EXPECT_THAT(again.err(), HasSubstr("2 of 4 were finished already"));
  EXPECT_EQ(again.out(), batch.out());
  EXPECT_EQ(fs::last_write_time(path("batch/a b/summary.json")), written);

  std::vector<std::string> other = arguments;
  other.insert(other.end(), {"--smoothing", "hmm"});
  const Program anew = infer(other);
  EXPECT_EQ(anew.wait(), 4);
  EXPECT_THAT(anew.err(), HasSubstr("other settings"));
  EXPECT_NE(contents(path("batch/a b")).at("frames.csv"), before.at("frames.csv"));
}

TEST_F(RecordedVideo, ATruncatedFileGivesTheRowsUpToTheBreakAndExitCode4) {
  const Program whole = infer({path("person.mp4"), "-o", path("whole"), "--annotate"});
  ASSERT_EQ(whole.wait(), 0) << whole.err();
  // Its index is in front, so what is left can be read.
  const std::string bytes = read_file(path("whole/person/annotated.mp4"));
  folder_->write("cut.mp4", bytes.substr(0, bytes.size() / 2));
  const Program cut = infer({path("cut.mp4"), "-o", path("cut"), "--sample-fps", "all", "--annotate"});
  EXPECT_EQ(cut.wait(), 4);
  EXPECT_THAT(cut.err(), HasSubstr("the file is cut off"));
  const std::size_t rows = parse_csv(read_file(path("cut/cut/frames.csv")), "frames.csv").size() - 1;
  EXPECT_THAT(rows, ::testing::AllOf(::testing::Gt(20U), ::testing::Lt(140U)));
  EXPECT_THAT(read_file(path("cut/cut/summary.json")), HasSubstr("\"damaged\": true"));
  EXPECT_TRUE(fs::exists(path("cut/cut/annotated.mp4")));
}

TEST_F(RecordedVideo, AFullDiskLeavesNothingAndSaysWhere) {
  for (const rlim_t bytes : {2000, 20000}) {
    const Program full =
        infer({path("person.mp4"), "-o", path("full"), "--sample-fps", "all", "--annotate"}, bytes);
    EXPECT_EQ(full.wait(), 1) << bytes;
    EXPECT_THAT(full.err(), HasSubstr("cannot write: File too large"));
    EXPECT_TRUE(fs::is_empty(path("full"))) << bytes;
  }
  // What was there stays.
  const Program good = infer({path("person.mp4"), "-o", path("full")});
  ASSERT_EQ(good.wait(), 0) << good.err();
  const auto before = contents(path("full/person"));
  const Program full =
      infer({path("person.mp4"), "-o", path("full"), "--exist-ok", "--sample-fps", "all"}, 2000);
  EXPECT_EQ(full.wait(), 1);
  EXPECT_EQ(contents(path("full/person")), before);
}

template <class Condition>
void wait_until(const Condition& condition) {
  for (int i = 0; i < 3000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

TEST_F(RecordedVideo, StoppedItSavesWhatItHasAndKilledItLeavesNothing) {
  const std::string image = read_file(path("faces/AF01/AF01ANS.JPG"));
  fs::create_directory(path("frames"));
  for (int i = 0; i < 160; ++i) folder_->write("frames/" + std::to_string(i) + ".jpg", image);

  const std::vector<std::string> arguments = {path("frames"),   "-o", path("long"), "--sample-fps", "all",
                                              "--detect-every", "1",  "--resume"};
  const Program stopped = infer(arguments);
  wait_until([&] { return stopped.err().find("model:") != std::string::npos; });
  std::this_thread::sleep_for(std::chrono::milliseconds(500));  // of some seconds that all frames take
  stopped.send(SIGTERM);
  EXPECT_EQ(stopped.wait(), 143) << stopped.err();
  ASSERT_TRUE(fs::exists(path("long/frames/frames.csv"))) << stopped.err();
  const std::size_t rows = parse_csv(read_file(path("long/frames/frames.csv")), "frames.csv").size() - 1;
  EXPECT_LT(rows, 160U);

  const Program killed = infer({path("frames"), "-o", path("killed"), "--sample-fps", "all", "--annotate"});
  wait_until([&] { return fs::exists(path("killed/.frames.part")); });
  killed.send(SIGKILL);
  EXPECT_EQ(killed.wait(), 128 + SIGKILL);
  EXPECT_FALSE(fs::exists(path("killed/frames")));

  const Program resumed = infer(arguments);
  EXPECT_EQ(resumed.wait(), 0) << resumed.err();
  EXPECT_EQ(parse_csv(read_file(path("long/frames/frames.csv")), "frames.csv").size(), 1U + 160U);
}

TEST_F(RecordedVideo, ASampleForCodingFilledInTellsHowFarThePersonAgrees) {
  const std::vector<std::string> arguments = {path("person.mp4"), "-o", path("coded"), "--sample-for-coding",
                                              "6"};
  const Program inference = infer(arguments);
  ASSERT_EQ(inference.wait(), 0) << inference.err();
  const std::string list = path("coded/coding/sample.csv");
  EXPECT_EQ(parse_csv(read_file(list), list).size(), 1U + 6U);
  for (int i = 1; i <= 6; ++i)
    EXPECT_TRUE(fs::exists(path("coded/coding/images/000" + std::to_string(i) + ".jpg")));

  std::string text = read_file(list);
  for (std::size_t at = text.find(",\n"); at != std::string::npos; at = text.find(",\n", at + 1))
    text.insert(at + 1, "Happiness");
  write_file(list, text);
  const Program evaluation("fer-eval", {"agreement", path("coded"), list, "-o", path("agreement")}, *folder_);
  ASSERT_EQ(evaluation.wait(), 0) << evaluation.err();
  EXPECT_THAT(evaluation.out(), HasSubstr("6 coded rows, 6 frames compared"));
  EXPECT_TRUE(fs::exists(path("agreement/agreement.json")));

  const Program again =
      infer({path("person.mp4"), "-o", path("coded"), "--sample-for-coding", "6", "--exist-ok"});
  EXPECT_EQ(again.wait(), 2) << "the coder's work is not written over";
  EXPECT_EQ(read_file(list), text);
}

TEST_F(RecordedVideo, ABaselineAndAPriorStandBesideTheRawColumns) {
  const Program corrected = infer({path("person.mp4"), "-o", path("corrected"), "--baseline", "0-1",
                                   "--prior", "uniform", "--smoothing", "hmm"});
  ASSERT_EQ(corrected.wait(), 0) << corrected.err();
  const auto rows = parse_csv(read_file(path("corrected/person/frames.csv")), "frames.csv");
  EXPECT_THAT(rows[0].fields, ::testing::IsSupersetOf({"emotion", "emotion_corrected", "emotion_smoothed"}));
  EXPECT_THAT(read_file(path("corrected/person/summary.json")),
              HasSubstr("\"baseline 0-1 s, prior uniform\""));

  const Program clip = infer({path("person.mp4"), "-o", path("by-clip"), "--baseline", path("person.mp4")});
  ASSERT_EQ(clip.wait(), 0) << clip.err();
  for (const std::vector<std::string>& bad : {std::vector<std::string>{"--abstain", "2"},
                                              {"--min-event", "-1"},
                                              {"--baseline", "5-2"},
                                              {"--smoothing-window", "0"},
                                              {"--max-gap", "-1"}}) {
    std::vector<std::string> arguments = {path("person.mp4"), "-o", path("refused")};
    arguments.insert(arguments.end(), bad.begin(), bad.end());
    const Program refused = infer(arguments);
    EXPECT_EQ(refused.wait(), 2) << bad[0];
    EXPECT_FALSE(fs::exists(path("refused/person"))) << bad[0];
  }

  const Program none = infer({path("person.mp4"), "-o", path("by-none"), "--baseline", path("no.mp4")});
  EXPECT_EQ(none.wait(), 3);
  EXPECT_THAT(none.err(), HasSubstr("no.mp4: no such video file"));
}

TEST_F(RecordedVideo, ShardsAtTheSameTimeAndMergedGiveWhatOneCallGives) {
  const std::vector<std::string> recordings = five_recordings();
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), recordings.begin(), recordings.end());
    return more;
  };
  const Program one = infer(with({"-o", path("undivided")}));
  ASSERT_EQ(one.wait(), 4) << one.err();
  const std::string table = one.out();
  const auto [codes, said] = run_shards(with({"-o", path("divided")}), 3);
  EXPECT_THAT(codes, ::testing::ElementsAre(0, 0, 4)) << said;
  EXPECT_FALSE(fs::exists(path("divided/summary.csv")));
  for (const char* own : {"summary-1-of-3.csv", "conditions-3-of-3.csv"})
    EXPECT_TRUE(fs::exists(path("divided/" + std::string(own)))) << own;

  const Program merge("fer-infer", {"--merge", path("divided")}, *folder_);
  EXPECT_EQ(merge.wait(), 4);
  EXPECT_EQ(merge.out(), table);
  EXPECT_THAT(merge.err(), HasSubstr("cut.mp4: has no results: shard 2/3 "));
  EXPECT_THAT(merge.err(), HasSubstr("run again with --resume: --shard 2/3\n"));
  EXPECT_FALSE(fs::exists(path("divided/cut")));
  expect_the_same("divided", {"talk", "talk-2", "short", "late"});

  // The damaged one is found again, and the rest is done by another number of shards.
  fs::copy(path("person.mp4"), path("cut.mp4"), fs::copy_options::overwrite_existing);
  const auto [codes_again, said_again] = run_shards(with({"-o", path("divided"), "--resume"}), 2);
  EXPECT_THAT(codes_again, ::testing::ElementsAre(0, 0)) << said_again;
  EXPECT_THAT(said_again, HasSubstr("were finished already"));
  const Program merged("fer-infer", {"--merge", path("divided")}, *folder_);
  EXPECT_EQ(merged.wait(), 0) << merged.err();
  const std::string merged_table = merged.out();
  const Program resumed = infer(with({"-o", path("undivided"), "--resume"}));
  EXPECT_EQ(resumed.wait(), 0) << resumed.err();
  EXPECT_EQ(merged_table, resumed.out());
  expect_the_same("divided", {"talk", "talk-2", "short", "late", "cut"});
}

}  // namespace
}  // namespace fer
