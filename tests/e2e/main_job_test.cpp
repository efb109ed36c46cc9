// The main job by the built programs: drawn faces, a training, the table of a video.
#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "fer/core/csv.hpp"
#include "program.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using test::Program;
using test::TempFolder;
using ::testing::HasSubstr;

/// Six drawn people, a video of a seventh and an experiment on them, made once for all tests.
class MainJob : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TempFolder>();
    const Program synth("fer-data",
                        {"synth", "--subjects", "6", "--sessions", "1", "--angles", "S", "-o", path("faces"),
                         "--video", path("person.mp4"), "--segment-seconds", "1", "-q"},
                        *folder_);
    ASSERT_EQ(synth.wait(), 0) << synth.err();
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static std::string path(const std::string& name) { return (*folder_ / name).string(); }

  static Program train(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"--set", "data.sources=[{kind: kdef, root: " + path("faces") + "}]",
                                          "--set", "data.split={method: subject, val: 0.34}",
                                          "--set", "model.weights=none",
                                          "--set", "input.size=32",
                                          "--set", "data.cache.folder=" + path("crops"),
                                          "-o",    path("runs")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return {"fer-train", arguments, *folder_};
  }

  static std::unique_ptr<TempFolder> folder_;
};

std::unique_ptr<TempFolder> MainJob::folder_;

TEST_F(MainJob, FromDrawnFacesToATableOfAVideo) {
  const Program training = train({"--name", "whole", "--epochs", "2"});
  ASSERT_EQ(training.wait(), 0) << training.err();
  EXPECT_THAT(training.out(), HasSubstr("val: accuracy "));
  const fs::path run = *folder_ / "runs/whole";
  for (const char* name : {"config.yaml",
                           "manifest.json",
                           "split.csv",
                           "results.csv",
                           "best.safetensors",
                           "last.safetensors",
                           "metrics.json",
                           "predictions.csv",
                           "confusion_matrix.png",
                           "confusion_matrix.svg",
                           "confusion_matrix.csv",
                           "reliability.csv",
                           "reliability.png",
                           "reliability.svg",
                           "curves.svg",
                           "report.html",
                           "groups.csv",
                           "confusions.csv",
                           "error_analysis.txt",
                           "mistakes.jpg",
                           "curves.png",
                           "samples.jpg",
                           "train.log"}) {
    EXPECT_TRUE(fs::exists(run / name)) << name;
  }
  EXPECT_EQ(parse_csv(read_file(run / "results.csv"), "results.csv").size(), 1u + 2u);
  EXPECT_EQ(parse_csv(read_file(run / "split.csv"), "split.csv").size(), 1u + 42u);
  EXPECT_EQ(parse_csv(read_file(run / "predictions.csv"), "predictions.csv").size(), 1u + 14u);

  const Program inference("fer-infer", {path("person.mp4"), "-m", run.string(), "-o", path("results")},
                          *folder_);
  ASSERT_EQ(inference.wait(), 0) << inference.err();
  EXPECT_THAT(inference.out(),
              HasSubstr("Video      | Frames | Dominant emotion | Share (%) | Mean confidence (%)"));
  EXPECT_THAT(inference.out(), HasSubstr("person.mp4 |"));
  // 9 s at three frames a second; the person is away for one of them.
  const auto rows = parse_csv(read_file(*folder_ / "results/person/frames.csv"), "frames.csv");
  EXPECT_EQ(rows.size(), 1u + 27u);
  std::size_t without_face = 0;
  for (const CsvRow& row : rows) without_face += row.fields.back() == "no_face";
  EXPECT_THAT(without_face, ::testing::AllOf(::testing::Ge(2u), ::testing::Le(4u)));
  EXPECT_TRUE(fs::exists(*folder_ / "results/summary.csv"));
  EXPECT_TRUE(fs::exists(*folder_ / "results/person/summary.json"));

  const Program again("fer-infer",
                      {path("person.mp4"), "-m", (run / "best.safetensors").string(), "-o", path("results")},
                      *folder_);
  EXPECT_EQ(again.wait(), 2);
  EXPECT_THAT(again.err(), HasSubstr("holds results already"));

  // One good file and one that is none: the good one is done, the exit code says that not all were.
  const Program mixed("fer-infer",
                      {path("person.mp4"), folder_->write("broken.mp4", "no video").string(), "-m",
                       (run / "best.safetensors").string(), "-o", path("mixed")},
                      *folder_);
  EXPECT_EQ(mixed.wait(), 4);
  EXPECT_THAT(mixed.err(), HasSubstr("broken.mp4"));
  EXPECT_THAT(mixed.out(), HasSubstr("person.mp4 |"));
  EXPECT_FALSE(fs::exists(*folder_ / "mixed/broken"));
}

TEST_F(MainJob, TheSameSeedTrainsTheSameWeights) {
  ASSERT_EQ(train({"--name", "one", "--epochs", "1", "-j", "0"}).wait(), 0);
  ASSERT_EQ(train({"--name", "two", "--epochs", "1", "-j", "3"}).wait(), 0);
  EXPECT_TRUE(read_file(*folder_ / "runs/one/predictions.csv") ==
              read_file(*folder_ / "runs/two/predictions.csv"));
}

TEST_F(MainJob, AnInterruptedTrainingKeepsWhatItHas) {
  const Program training = train({"--name", "interrupted", "--epochs", "100000"});
  const fs::path last = *folder_ / "runs/interrupted/last.safetensors";
  const fs::path results = *folder_ / "runs/interrupted/results.csv";
  for (int i = 0; i < 600 && !fs::exists(results); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  training.send(SIGTERM);
  EXPECT_EQ(training.wait(), 143) << training.err();
  EXPECT_THAT(read_file(*folder_ / "runs/interrupted/manifest.json"), HasSubstr("\"end\": \"stopped\""));
  const Program inference("fer-infer", {path("person.mp4"), "-m", last.string(), "-o", path("after")},
                          *folder_);
  EXPECT_EQ(inference.wait(), 0) << inference.err();
}

/// Killed at odd moments after it saved something, many of them while a file is being written, and resumed
/// until it is done.
TEST_F(MainJob, AKilledTrainingEndsWithTheSameBytesAsOneThatWasNot) {
  const std::vector<std::string> options = {
      "--set",
      "train.stages=[{trainable: head, epochs: 2, lr: 1e-2, views: 2}, {trainable: all, lr: 1e-3}]",
      "--epochs",
      "5",
      "-b",
      "8",
      "--set",
      "train.ema=0.9",
      "--set",
      "train.save_every=0",
      "--set",
      "train.mix.mixup=0.2",
      "--set",
      "train.optimizer.accumulate=2"};
  const auto run_in = [&](const std::string& folder, const std::string& more) {
    std::vector<std::string> all = options;
    all.insert(all.end(), {"--name", "run", "-o", path(folder), more});
    return train(all);
  };
  ASSERT_EQ(run_in("steady", "-q").wait(), 0);
  const fs::path state = *folder_ / "killed/run/state.safetensors";
  const auto saved_at = [&] { return fs::exists(state) ? fs::last_write_time(state) : fs::file_time_type(); };
  int kills = 0;
  for (bool done = false; !done; ++kills) {
    const auto before = saved_at();
    const Program training = run_in("killed", "--resume");
    while (!(done = training.has_ended()) && (kills == 8 || saved_at() == before)) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(kills * 37 % 90));
    training.send(SIGKILL);
    const int code = training.wait();
    done = code == 0;
    ASSERT_TRUE(done || code == 128 + SIGKILL) << training.err();
  }
  EXPECT_GE(kills, 4);
  for (const char* file : {"last.safetensors", "best.safetensors", "predictions.csv"}) {
    EXPECT_TRUE(read_file(*folder_ / "steady/run" / file) == read_file(*folder_ / "killed/run" / file))
        << file;
  }
  EXPECT_FALSE(fs::exists(*folder_ / "killed/run-2"));
  EXPECT_EQ(parse_csv(read_file(*folder_ / "killed/run/results.csv"), "results.csv").size(), 1u + 5u);
}

TEST_F(MainJob, RepeatsDifferInTheirSeedAloneAndEachGoesOnFromItsConfiguration) {
  const Program repeats = train({"--name", "twice", "--epochs", "1", "--set", "train.repeats=2"});
  ASSERT_EQ(repeats.wait(), 0) << repeats.err();
  EXPECT_THAT(repeats.out(), HasSubstr("2 runs: accuracy "));
  EXPECT_THAT(read_file(*folder_ / "runs/twice-repeats.json"), HasSubstr("\"seed\": 43"));
  EXPECT_EQ(read_file(*folder_ / "runs/twice-seed42/split.csv"),
            read_file(*folder_ / "runs/twice-seed43/split.csv"));
  EXPECT_NE(read_file(*folder_ / "runs/twice-seed42/last.safetensors"),
            read_file(*folder_ / "runs/twice-seed43/last.safetensors"));

  const Program longer("fer-train", {"--resume", path("runs/twice-seed43"), "-q"}, *folder_);
  EXPECT_EQ(longer.wait(), 0) << longer.err();
  EXPECT_THAT(longer.out(), HasSubstr("best epoch 1 of 1"));
}

TEST_F(MainJob, WhatCannotBeResumedIsNamed) {
  const Program nothing("fer-train", {"--resume", path("faces")}, *folder_);
  EXPECT_EQ(nothing.wait(), 3);
  EXPECT_THAT(nothing.err(), HasSubstr("faces: holds no run to go on with"));
  ASSERT_EQ(train({"--name", "first", "--epochs", "1"}).wait(), 0);
  const Program other = train({"--name", "first", "--epochs", "2", "--resume"});
  EXPECT_EQ(other.wait(), 2);
  EXPECT_THAT(other.err(), HasSubstr("first/config.yaml: was made with another configuration"));
  const Program both("fer-train", {"--resume", path("runs/first"), "-c", "x.yaml"}, *folder_);
  EXPECT_EQ(both.wait(), 2);
  EXPECT_THAT(both.err(), HasSubstr("leave out -c, or RUN"));
}

TEST_F(MainJob, AnOutputFolderThatCannotBeWrittenIsNamed) {
  folder_->write("file", "in the way");
  const Program training = train({"--epochs", "1", "-o", path("file")});
  EXPECT_EQ(training.wait(), 1);
  EXPECT_THAT(training.err(), HasSubstr("error: " + path("file") + ": cannot make this folder"));
}

/// An older run's state goes before anything of the new one is written, so that --resume never mixes the two.
TEST_F(MainJob, ExistOkBeginsWithoutTheOlderRunsState) {
  ASSERT_EQ(train({"--name", "older", "--epochs", "1"}).wait(), 0);
  const fs::path run = *folder_ / "runs/older";
  ASSERT_TRUE(fs::exists(run / "state.safetensors"));
  fs::remove(run / "samples.jpg");
  fs::create_directory(run / "samples.jpg");  // in the way of what is written before the first epoch
  const Program anew = train({"--name", "older", "--epochs", "1", "--seed", "7", "--exist-ok"});
  EXPECT_EQ(anew.wait(), 1);
  EXPECT_THAT(anew.err(), HasSubstr("samples.jpg: cannot replace: Is a directory"));
  EXPECT_FALSE(fs::exists(run / "state.safetensors"));
  const Program resumed("fer-train", {"--resume", run.string()}, *folder_);
  EXPECT_EQ(resumed.wait(), 3);
  EXPECT_THAT(resumed.err(), HasSubstr("older: holds no run to go on with"));
}

/// Sweeps do not train again what says that it ended.
TEST_F(MainJob, ARunSaysHowItEndedOnceItsResultsAreWhole) {
  const fs::path run = *folder_ / "runs/results";
  fs::create_directories(run / "reliability.png");  // in the way of what is written near the end
  const Program training = train({"--name", "results", "--epochs", "1", "--exist-ok"});
  EXPECT_EQ(training.wait(), 1);
  EXPECT_THAT(training.err(), HasSubstr("reliability.png: cannot replace: Is a directory"));
  EXPECT_THAT(read_file(run / "manifest.json"), HasSubstr(R"("end": "running")"));
  fs::remove(run / "reliability.png");
  const Program resumed("fer-train", {"--resume", run.string()}, *folder_);
  EXPECT_EQ(resumed.wait(), 0) << resumed.err();
  EXPECT_THAT(read_file(run / "manifest.json"), HasSubstr(R"("end": "finished")"));
  EXPECT_TRUE(fs::is_regular_file(run / "reliability.png"));
}

TEST_F(MainJob, ALogThatCannotBeWrittenIsOneWarningAndTheTrainingGoesOn) {
  const fs::path run = *folder_ / "runs/unlogged";
  fs::create_directories(run);
  fs::create_symlink("/dev/full", run / "train.log");
  const Program training = train({"--name", "unlogged", "--epochs", "2", "--exist-ok"});
  EXPECT_EQ(training.wait(), 0) << training.err();
  const std::string said = training.err();
  const std::string warning = "warning: the log is not complete: ";
  const std::size_t first = said.find(warning);
  ASSERT_NE(first, std::string::npos) << said;
  EXPECT_EQ(said.find(warning, first + 1), std::string::npos) << said;
  EXPECT_THAT(said, HasSubstr("No space left on device"));
  EXPECT_EQ(parse_csv(read_file(run / "results.csv"), "results.csv").size(), 1u + 2u);
  EXPECT_TRUE(fs::exists(run / "report.html"));
}

/// OpenCV does not tell when it cannot write a video: its frames are counted afterwards.
TEST_F(MainJob, WhatIsDrawnOnAFullDiskIsAnErrorThatNamesTheFile) {
  constexpr rlim_t kBytes = 2000;
  const Program faces("fer-data",
                      {"synth", "--subjects", "2", "--sessions", "1", "--angles", "S", "-j", "1", "-o",
                       path("cut-faces"), "-q"},
                      *folder_, kBytes);
  EXPECT_EQ(faces.wait(), 1);
  EXPECT_THAT(faces.err(),
              HasSubstr("error: " + path("cut-faces/AF01/AF01AFS.JPG") + ": cannot write: File too large"));
  const Program video("fer-data",
                      {"synth", "--video", path("cut.mp4"), "--video-segments", "neutral,happy",
                       "--segment-seconds", "1", "-q"},
                      *folder_, kBytes);
  EXPECT_EQ(video.wait(), 1);
  EXPECT_THAT(video.err(), HasSubstr("error: " + path("cut.mp4") + ": cannot write: "));
  EXPECT_THAT(video.err(), HasSubstr("came out incomplete (is the disk full?)"));
  for (const char* name : {"cut-faces/AF01/AF01AFS.JPG", "cut.mp4", "cut.labels.csv"})
    EXPECT_FALSE(fs::exists(path(name))) << name;
}

}  // namespace
}  // namespace fer
