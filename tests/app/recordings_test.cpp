#include "recordings.hpp"

#include <gmock/gmock.h>

#include <opencv2/imgcodecs.hpp>

#include "batch_progress.hpp"
#include "support/error_text.hpp"
#include "support/images.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::MatchesRegex;
using ::testing::SizeIs;
using ::testing::StartsWith;

class Recordings : public ::testing::Test {
 protected:
  Recordings() : back_(fs::current_path()) { fs::current_path(folder_.path()); }
  ~Recordings() override { fs::current_path(back_); }
  Recordings(const Recordings&) = delete;
  Recordings& operator=(const Recordings&) = delete;

  void files(const std::vector<std::string>& names) const {
    for (const std::string& name : names) folder_.write(name, "x");
  }

  /// What the arguments stand for, the test's folder being the current one.
  static std::vector<Recording> found(const std::vector<std::string>& arguments) {
    return find_recordings(arguments);
  }

  test::TempFolder folder_;

 private:
  fs::path back_;
};

std::vector<std::string> paths(const std::vector<Recording>& recordings) {
  std::vector<std::string> paths;
  for (const Recording& recording : recordings) paths.push_back(recording.path.string());
  return paths;
}

std::vector<std::string> names(const std::vector<Recording>& recordings) {
  std::vector<std::string> names;
  for (const Recording& recording : recordings) names.push_back(recording.name());
  return names;
}

TEST_F(Recordings, FilesStayInTheirOrder) {
  files({"b.mp4", "clips/a.mov"});
  const auto recordings = found({"b.mp4", "clips/a.mov"});
  EXPECT_THAT(paths(recordings), ElementsAre("b.mp4", "clips/a.mov"));
  EXPECT_THAT(names(recordings), ElementsAre("b", "a"));
  EXPECT_TRUE(recordings[0].is_file());
}

TEST_F(Recordings, AFolderGivesItsVideosAndNoneOfFoldersInside) {
  files({"clips/b.MP4", "clips/a.mkv", "clips/notes.txt", "clips/old/c.mp4"});
  EXPECT_THAT(paths(found({"clips"})), ElementsAre("clips/a.mkv", "clips/b.MP4"));
}

TEST_F(Recordings, InAFolderWithAVideoPicturesDoNotCount) {
  files({"clips/a.mp4", "clips/cover.jpg", "clips/1.png"});
  EXPECT_THAT(paths(found({"clips"})), ElementsAre("clips/a.mp4"));
}

TEST_F(Recordings, AFolderOfPicturesIsOneSequenceInTheOrderOfTheirNumbers) {
  files({"take.1/f10.png", "take.1/f9.PNG", "take.1/f1.jpg", "take.1/notes.txt"});
  const auto recordings = found({"take.1"});
  ASSERT_THAT(recordings, SizeIs(1));
  EXPECT_FALSE(recordings[0].is_file());
  EXPECT_EQ(recordings[0].path, "take.1");
  EXPECT_EQ(recordings[0].name(), "take.1") << "a folder has no extension";
  EXPECT_THAT(recordings[0].pictures, ElementsAre("take.1/f1.jpg", "take.1/f9.PNG", "take.1/f10.png"));
}

TEST_F(Recordings, PicturesOneByOneAreASequenceForEachFolder) {
  files({"a/2.png", "a/10.png", "b/1.png", "c.mp4"});
  const auto recordings = found({"a/10.png", "b/1.png", "c.mp4", "a/2.png"});
  EXPECT_THAT(paths(recordings), ElementsAre("a", "b", "c.mp4"));
  EXPECT_THAT(recordings[0].pictures, ElementsAre("a/2.png", "a/10.png"));
}

TEST_F(Recordings, PatternsGiveAllThatMatches) {
  files({"clips/b.mp4", "clips/a.mp4", "clips/c.mov", "pics/f2.png", "pics/f10.png", "pics/g1.png"});
  EXPECT_THAT(paths(found({"clips/*.mp4"})), ElementsAre("clips/a.mp4", "clips/b.mp4"));
  const auto pictures = found({"pics/f*.png"});
  ASSERT_THAT(pictures, SizeIs(1));
  EXPECT_EQ(pictures[0].name(), "pics");
  EXPECT_THAT(pictures[0].pictures, ElementsAre("pics/f2.png", "pics/f10.png"));
}

TEST_F(Recordings, AFileWhoseNameLooksLikeAPatternIsAFile) {
  files({"talk [1].mp4"});
  EXPECT_THAT(paths(found({"talk [1].mp4"})), ElementsAre("talk [1].mp4"));
}

TEST_F(Recordings, ComeOnceHoweverTheyAreWritten) {
  files({"clips/a.mp4", "pics/1.png", "pics/2.png"});
  EXPECT_THAT(paths(found({"clips/a.mp4", "./clips/a.mp4", "clips", "clips/*.mp4", "clips/../clips/a.mp4"})),
              ElementsAre("clips/a.mp4"));
  const auto pictures =
      found({"pics/2.png", "./pics/2.png", "pics", "pics/", "./pics", fs::absolute("pics")});
  EXPECT_THAT(paths(pictures), ElementsAre("pics"));
  EXPECT_THAT(pictures[0].pictures, SizeIs(2));
}

TEST_F(Recordings, ANameThatIsNoFileStays) {
  EXPECT_THAT(paths(found({"missing.mp4", "missing"})), ElementsAre("missing.mp4", "missing"));
  EXPECT_THAT(test::error_text(ErrorKind::data, [] { return found({"missing.mp4"})[0].open(25, 1); }),
              HasSubstr("missing.mp4"));
  EXPECT_THAT(test::error_text(ErrorKind::data, [] { return found({"missing/1.png"})[0].open(25, 1); }),
              HasSubstr("missing/1.png"));
}

TEST_F(Recordings, APatternOrFolderThatYieldsNothingIsADataErrorThatNamesIt) {
  files({"empty/notes.txt"});
  EXPECT_THAT(test::error_text(ErrorKind::data, [] { return found({"no/*.mp4"}); }),
              StartsWith("no/*.mp4: "));
  EXPECT_EQ(test::error_text(ErrorKind::data, [] { return found({"empty"}); }),
            "empty: there is no video and no image in this folder");
}

TEST_F(Recordings, EveryFolderHasANameForItsResults) {
  files({"take/1.png", "take/inner/1.png"});
  fs::current_path("take");
  EXPECT_THAT(names(found({"."})), ElementsAre("take"));
  EXPECT_THAT(names(found({"./"})), ElementsAre("take"));
  EXPECT_THAT(names(found({"1.png"})), ElementsAre("take"));
  EXPECT_THAT(names(found({"inner/"})), ElementsAre("inner"));
  EXPECT_THAT(names(found({"inner/."})), ElementsAre("inner"));
  fs::current_path("inner");
  EXPECT_THAT(names(found({".."})), ElementsAre("take"));
  EXPECT_THAT(names(found({"../"})), ElementsAre("take"));
  EXPECT_THAT(names(found({"../*.png"})), ElementsAre("take"));
  EXPECT_THAT(names(found({"."})), ElementsAre("inner"));
}

TEST_F(Recordings, SpacesAndAnyLettersAreNamesLikeOthers) {
  files({"r\xc3\xa9union 1.mp4", "caf\xc3\xa9 bar/b 1.png"});
  EXPECT_THAT(names(found({"r\xc3\xa9union 1.mp4", "caf\xc3\xa9 bar"})),
              ElementsAre("r\xc3\xa9union 1", "caf\xc3\xa9 bar"));
}

TEST_F(Recordings, WeighWhatTheirFilesDo) {
  folder_.write("a.mp4", std::string(1000, 'x'));
  folder_.write("pics/1.png", std::string(30, 'x'));
  folder_.write("pics/2.png", std::string(12, 'x'));
  const auto recordings = found({"a.mp4", "pics", "missing.mp4"});
  EXPECT_EQ(recordings[0].bytes(), 1000U);
  EXPECT_EQ(recordings[1].bytes(), 42U);
  EXPECT_EQ(recordings[2].bytes(), 0U);
}

TEST_F(Recordings, OpenASequenceAtTheGivenRate) {
  cv::imwrite(folder_ / "pics/1.png", test::noise_image({20, 10}));
  const auto source = found({"pics"})[0].open(4, 1);
  EXPECT_EQ(source->facts().fps, 4);
  EXPECT_EQ(source->path(), "pics");
  ASSERT_TRUE(source->next());
  EXPECT_EQ(source->image().size(), cv::Size(20, 10));
}

class BatchNotes : public Recordings {
 protected:
  /// Recordings of these sizes.
  std::vector<Recording> of_sizes(const std::vector<std::size_t>& sizes) const {
    std::vector<Recording> recordings;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const std::string name = "clip" + std::to_string(i + 1) + ".mp4";
      recordings.push_back({.path = folder_.write(name, std::string(sizes[i], 'x'))});
    }
    return recordings;
  }
};

TEST_F(BatchNotes, OneRecordingIsNoBatch) {
  BatchProgress progress(of_sizes({100}));
  progress.begin(0);
  EXPECT_EQ(progress.title(), "clip1.mp4");
  EXPECT_EQ(progress.note(0.5), "");
}

TEST_F(BatchNotes, TheTitleSaysWhichOfHowMany) {
  BatchProgress progress(of_sizes({1, 1, 1}));
  progress.begin(1);
  EXPECT_EQ(progress.title(), "[2/3] clip2.mp4");
}

TEST_F(BatchNotes, NothingDoneGivesNoTimeToGo) {
  BatchProgress progress(of_sizes({100, 100}));
  progress.begin(0);
  EXPECT_EQ(progress.note(0), "all 00:00<--:--");
  BatchProgress empty(of_sizes({0, 0}));
  empty.begin(1);
  EXPECT_EQ(empty.note(1), "all 00:00<--:--");
}

/// Seconds that a note says are left.
double to_go(const std::string& note) {
  EXPECT_THAT(note, MatchesRegex("all [0-9]+:[0-9:]+<[0-9]+:[0-9]+"));
  const std::string text = note.substr(note.find('<') + 1);
  return 60 * std::stod(text.substr(0, text.find(':'))) + std::stod(text.substr(text.find(':') + 1));
}

void wait_seconds(double seconds) {
  const Stopwatch watch;
  while (watch.seconds() < seconds) {
  }
}

TEST_F(BatchNotes, TimeToGoFollowsTheSizes) {
  const auto recordings = of_sizes({1, 1, 198});
  const Stopwatch longest;
  BatchProgress progress(recordings);
  progress.begin(1);
  wait_seconds(0.1);
  const double after_one = to_go(progress.note(0.0));
  const double after_two = to_go(progress.note(1.0));
  EXPECT_THAT(after_one, AllOf(Ge(0.1 * 199 - 1), Le(longest.seconds() * 199 + 1)));
  EXPECT_THAT(after_two, AllOf(Ge(0.1 * 99 - 1), Le(longest.seconds() * 99 + 1)));
  progress.begin(2);
  EXPECT_EQ(to_go(progress.note(1.0)), 0) << "all is done";
}

TEST_F(BatchNotes, WhatWasSkippedNeitherTookTimeNorIsLeft) {
  const auto recordings = of_sizes({100000, 1, 199});
  const Stopwatch longest;
  BatchProgress progress(recordings);
  progress.skipped(0);
  progress.begin(1);
  wait_seconds(0.1);
  EXPECT_THAT(progress.note(0), EndsWith("<--:--"));
  EXPECT_THAT(to_go(progress.note(1.0)), AllOf(Ge(0.1 * 199 - 1), Le(longest.seconds() * 199 + 1)));
}

}  // namespace
}  // namespace fer
