#include "fer/core/staged_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "fer/core/files.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace fs = std::filesystem;

const std::vector<std::string> kPossible = {"frames.csv", "events.csv", "summary.json"};

class StagedFolders : public ::testing::Test {
 protected:
  void write_result(const std::string& text, const std::vector<std::string>& names = kPossible) const {
    StagedFolder staged(result(), "summary.json");
    for (const std::string& name : names) write_file(staged / name, text);
    staged.commit(kPossible);
  }

  fs::path result() const { return temp_.path() / "results" / "clip"; }

  test::TempFolder temp_;
};

TEST_F(StagedFolders, AllFilesAppearWithTheCommit) {
  {
    StagedFolder staged(result(), "summary.json");
    for (const std::string& name : kPossible) write_file(staged / name, name);
    EXPECT_FALSE(fs::exists(result()));
    staged.commit(kPossible);
    EXPECT_TRUE(fs::exists(result() / "summary.json"));
  }
  EXPECT_THAT(temp_.files(),
              ElementsAre("results/clip/events.csv", "results/clip/frames.csv", "results/clip/summary.json"));
  EXPECT_EQ(read_file(result() / "events.csv"), "events.csv");
}

TEST_F(StagedFolders, WithoutACommitNothingIsLeftBehind) {
  {
    StagedFolder staged(result(), "summary.json");
    write_file(staged / "frames.csv", "new");
  }
  EXPECT_THAT(temp_.files(), IsEmpty());
  EXPECT_FALSE(fs::exists(result()));
  EXPECT_TRUE(fs::is_empty(result().parent_path()));
}

TEST_F(StagedFolders, WithoutACommitTheOlderResultStaysAsItWas) {
  write_result("old");
  {
    StagedFolder staged(result(), "summary.json");
    for (const std::string& name : kPossible) write_file(staged / name, "new");
  }
  for (const std::string& name : kPossible) EXPECT_EQ(read_file(result() / name), "old");
  EXPECT_EQ(temp_.files().size(), 3U);
}

TEST_F(StagedFolders, WhatAnOlderResultHasMoreGoesAndForeignFilesStay) {
  write_result("old");
  write_file(result() / "notes.txt", "mine");
  fs::create_directory(result() / "pictures");
  write_result("new", {"frames.csv", "summary.json"});
  EXPECT_THAT(temp_.files(),
              ElementsAre("results/clip/frames.csv", "results/clip/notes.txt", "results/clip/summary.json"));
  EXPECT_EQ(read_file(result() / "frames.csv"), "new");
  EXPECT_EQ(read_file(result() / "notes.txt"), "mine");
  EXPECT_TRUE(fs::exists(result() / "pictures"));
}

TEST_F(StagedFolders, TheFileThatTellsOfCompletenessComesLast) {
  // Something bars the way of a file that comes after all others by name: the last one must not be there.
  write_result("old");
  make_folder(result() / "zzz.csv" / "in the way");
  {
    StagedFolder staged(result(), "summary.json");
    for (const char* name : {"frames.csv", "summary.json", "zzz.csv"}) write_file(staged / name, "new");
    EXPECT_THAT(test::error_text(ErrorKind::failure, [&] { return staged.commit(kPossible), 0; }),
                HasSubstr((result() / "zzz.csv").string() + ": cannot be written: "));
  }
  EXPECT_FALSE(fs::exists(result() / "summary.json")) << "neither the new one nor the old one";
  EXPECT_FALSE(fs::exists(temp_.path() / "results" / ".clip.part"));
}

TEST_F(StagedFolders, AnOldSummaryGoesBeforeAnythingElseChanges) {
  write_result("old");
  fs::remove(result() / "frames.csv");
  make_folder(result() / "frames.csv" / "in the way");
  StagedFolder staged(result(), "summary.json");
  write_file(staged / "summary.json", "new");
  EXPECT_THAT(test::error_text(ErrorKind::failure, [&] { return staged.commit(kPossible), 0; }),
              HasSubstr((result() / "frames.csv").string() + ": cannot be removed: "));
  EXPECT_FALSE(fs::exists(result() / "summary.json"));
}

TEST_F(StagedFolders, WhatAKilledProcessLeftIsRemoved) {
  write_file(temp_ / "results/.clip.part/frames.csv", "half");
  write_file(temp_ / "results/.clip.part/annotated.mp4", "half");
  write_result("new", {"summary.json"});
  EXPECT_THAT(temp_.files(), ElementsAre("results/clip/summary.json"));
  write_file(temp_ / "results/.clip.part", "a file");
  write_result("newer", {"summary.json"});
  EXPECT_THAT(temp_.files(), ElementsAre("results/clip/summary.json"));
}

TEST_F(StagedFolders, EndedWithinTheCommitEachFileIsTheOldOrTheNewOne) {
  write_result("old");
  make_folder(result() / "events.eaf" / "in the way");  // ends it after events.csv
  {
    StagedFolder staged(result(), "summary.json");
    for (const char* name : {"events.csv", "events.eaf", "frames.csv", "summary.json"})
      write_file(staged / name, "new");
    EXPECT_THAT(test::error_text(ErrorKind::failure, [&] { return staged.commit(kPossible), 0; }),
                HasSubstr("events.eaf"));
  }
  EXPECT_EQ(read_file(result() / "events.csv"), "new");
  EXPECT_EQ(read_file(result() / "frames.csv"), "old");
  EXPECT_FALSE(fs::exists(result() / "summary.json"));
}

TEST_F(StagedFolders, AFolderTakesTheOlderOnesPlace) {
  write_file(temp_ / "results/clip/images/0001.png", "of a process that was killed");
  {
    StagedFolder staged(result(), "summary.json");
    make_folder(staged / "images");
    write_file(staged / "images/0002.png", "new");
    staged.commit({});
  }
  EXPECT_THAT(temp_.files(), ElementsAre("results/clip/images/0002.png"));
}

TEST_F(StagedFolders, OfTwoWritersOfOneResultTheSecondIsRefused) {
  StagedFolder first(result(), "summary.json");
  write_file(first / "summary.json", "first");
  EXPECT_EQ(test::error_text(ErrorKind::failure, [&] { return StagedFolder(result(), "summary.json"), 0; }),
            result().string() + ": another process is writing this result");
  first.commit(kPossible);
  EXPECT_EQ(read_file(result() / "summary.json"), "first");
}

TEST_F(StagedFolders, NoFilesAreAResultToo) {
  write_result("old");
  write_result("", {});
  EXPECT_THAT(temp_.files(), IsEmpty());
}

TEST_F(StagedFolders, ASlashAtTheEndMeansTheSameFolder) {
  const fs::path slashed = result() / "";
  {
    StagedFolder staged(slashed, "summary.json");
    write_file(staged / "summary.json", "new");
    EXPECT_FALSE(fs::exists(result())) << "not below the final folder";
    staged.commit(kPossible);
  }
  EXPECT_THAT(temp_.files(), ElementsAre("results/clip/summary.json"));
}

TEST_F(StagedFolders, NamesMayHoldSpacesAndAnyLetters) {
  const fs::path folder = temp_.path() / "r\xc3\xa9sultats" / "mon clip.v2";
  {
    StagedFolder staged(folder, "summary.json");
    write_file(staged / "summary.json", "new");
    staged.commit(kPossible);
  }
  EXPECT_THAT(temp_.files(), ElementsAre("r\xc3\xa9sultats/mon clip.v2/summary.json"));
}

TEST_F(StagedFolders, AFolderThatCannotBeMadeIsAFailureThatNamesIt) {
  temp_.write("results", "a file");
  EXPECT_THAT(
      test::error_text(ErrorKind::failure,
                       [&] { return std::optional<StagedFolder>().emplace(result(), "x").operator/("y"); }),
      HasSubstr("results/.clip.part: cannot make this folder: Not a directory"));
}

TEST_F(StagedFolders, AFileInTheFoldersPlaceIsAFailureThatNamesIt) {
  temp_.write("results/clip", "a file");
  StagedFolder staged(result(), "summary.json");
  write_file(staged / "summary.json", "new");
  EXPECT_THAT(test::error_text(ErrorKind::failure, [&] { return staged.commit(kPossible), 0; }),
              HasSubstr(result().string()));
  EXPECT_EQ(read_file(result()), "a file");
}

}  // namespace
}  // namespace fer
