#include "fer/core/folder_lock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

TEST(FolderLockTest, KeepsOthersOutWhileItLivesAndLeavesNothing) {
  const test::TempFolder folder;
  {
    const auto lock = FolderLock::try_lock(folder.path());
    ASSERT_TRUE(lock);
    EXPECT_FALSE(FolderLock::try_lock(folder.path()));
  }
  EXPECT_TRUE(FolderLock::try_lock(folder.path()));
  EXPECT_TRUE(folder.files().empty());
}

TEST(FolderLockTest, MovesWithItsOwner) {
  const test::TempFolder folder;
  FolderLock owner;
  {
    auto lock = FolderLock::try_lock(folder.path());
    owner = *std::move(lock);
  }
  EXPECT_FALSE(FolderLock::try_lock(folder.path()));
  { const FolderLock last = std::move(owner); }
  EXPECT_TRUE(FolderLock::try_lock(folder.path()));
}

TEST(FolderLockTest, GoesWithAProcessThatIsKilled) {
  const test::TempFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = FolderLock::try_lock(folder.path());
    ::raise(SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(FolderLock::try_lock(folder.path()));
}

TEST(FolderLockTest, NoFolderIsAFailureThatNamesIt) {
  const test::TempFolder folder;
  const std::filesystem::path missing = folder.path() / "missing";
  EXPECT_EQ(test::error_text(ErrorKind::failure, [&] { return FolderLock::try_lock(missing).has_value(); }),
            missing.string() + ": cannot be opened: No such file or directory");
}

}  // namespace
}  // namespace fer
