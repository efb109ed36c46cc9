#include "fer/train/run_folder.hpp"

#include <gmock/gmock.h>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "train/temp_folder.hpp"

namespace fer::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class RunFolders : public TempFolderTest {
 protected:
  /// Makes a run folder and puts something into it.
  std::string make(bool exist_ok = false) const {
    const RunFolder folder = make_run_folder(runs_, "kdef", exist_ok);
    EXPECT_EQ(folder.path.parent_path(), runs_);
    write_file(folder.path / "config.yaml", "x");
    return folder.path.filename();
  }

  static void expect_failure(const fs::path& output, const std::string& name, bool exist_ok) {
    try {
      make_run_folder(output, name, exist_ok);
      ADD_FAILURE() << output << " was made";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::failure);
      EXPECT_THAT(error.what(), HasSubstr(output.string()));
    }
  }

  fs::path runs_ = folder_ / "some" / "runs";
};

TEST_F(RunFolders, CountsUp) {
  EXPECT_EQ(make(), "kdef");
  EXPECT_EQ(make(), "kdef-2");
  EXPECT_EQ(make(), "kdef-3");
  fs::remove_all(runs_ / "kdef-2");
  EXPECT_EQ(make(), "kdef-2");
}

TEST_F(RunFolders, TakesAnEmptyFolder) {
  fs::create_directories(runs_ / "kdef");
  EXPECT_EQ(make(), "kdef");
}

TEST_F(RunFolders, GoesOnInTheFirstIfAskedTo) {
  EXPECT_EQ(make(), "kdef");
  EXPECT_EQ(make(true), "kdef");
  EXPECT_EQ(read_file(runs_ / "kdef" / "config.yaml"), "x");
}

TEST_F(RunFolders, GoesAroundAFileInTheWay) {
  fs::create_directories(runs_);
  write_file(runs_ / "kdef", "a file");
  EXPECT_EQ(make(), "kdef-2");
  expect_failure(runs_, "kdef", true);
  EXPECT_EQ(read_file(runs_ / "kdef"), "a file");
}

TEST_F(RunFolders, OfTwoRunsThatStartAtOnceEachGetsItsOwn) {
  const RunFolder first = make_run_folder(runs_, "kdef", false);
  const RunFolder second = make_run_folder(runs_, "kdef", false);  // before the first has written anything
  EXPECT_EQ(first.path, runs_ / "kdef");
  EXPECT_EQ(second.path, runs_ / "kdef-2");
}

TEST_F(RunFolders, OneInUseIsRefused) {
  const RunFolder first = make_run_folder(runs_, "kdef", false);
  expect_failure(runs_, "kdef", true);
  try {
    take_run_folder(first.path);
    ADD_FAILURE() << "taken twice";
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), first.path.string() + ": another process is writing into this folder");
  }
}

TEST_F(RunFolders, LeavesNothingBehindInIt) {
  EXPECT_TRUE(fs::is_empty(make_run_folder(runs_, "kdef", false).path));
}

TEST_F(RunFolders, FailsWhereNothingCanBeWritten) {
  write_file(folder_ / "file", "");
  expect_failure(folder_ / "file", "kdef", false);
  expect_failure(folder_ / "file" / "runs", "kdef", false);
  // Not even root can make a folder or a file in these.
  expect_failure("/proc", "kdef", false);
  expect_failure("/proc", "self", true);
}

}  // namespace
}  // namespace fer::test
