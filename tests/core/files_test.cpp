#include "fer/core/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(ReadFileTest, GivesEveryByte) {
  const test::TempFolder folder;
  std::string bytes;
  for (int i = 0; i < 300000; ++i) bytes += static_cast<char>(i * 7 % 256);
  EXPECT_EQ(read_file(folder.write("large.bin", bytes)), bytes);
  EXPECT_EQ(read_file(folder.write("empty", "")), "");
  EXPECT_EQ(read_file(folder.write("text", std::string("a\0b\r\n", 5))), std::string("a\0b\r\n", 5));
}

TEST(ReadFileTest, ReadsFilesThatDoNotTellTheirSize) {
  EXPECT_NE(read_file("/proc/self/status").find("Name:"), std::string::npos);
}

TEST(ReadFileTest, AMissingFileOrAFolderIsADataErrorThatNamesIt) {
  const test::TempFolder folder;
  const std::string missing = folder.path() / "no.csv";
  EXPECT_EQ(test::error_text(ErrorKind::data, [&] { return read_file(missing); }),
            missing + ": cannot read: No such file or directory");
  EXPECT_EQ(test::error_text(ErrorKind::data, [&] { return read_file(folder.path()); }),
            folder.path().string() + ": cannot read: Is a directory");
}

TEST(ReadFileTest, AFileWithoutPermissionIsADataError) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read every file";
  const test::TempFolder folder;
  const auto path = folder.write("secret", "x");
  fs::permissions(path, fs::perms::none);
  EXPECT_EQ(test::error_text(ErrorKind::data, [&] { return read_file(path); }),
            path.string() + ": cannot read: Permission denied");
}

TEST(AtomicFileTest, AppearsWholeAtCommitAndNothingElseIsLeft) {
  const test::TempFolder folder;
  AtomicFile file(folder.path() / "a.csv");
  file.write("one,");
  file.write("");
  file.write("two\n");
  EXPECT_FALSE(fs::exists(folder.path() / "a.csv"));
  EXPECT_EQ(file.temporary_path().parent_path(), folder.path());
  file.commit();
  EXPECT_THAT(folder.files(), ElementsAre("a.csv"));
  EXPECT_EQ(read_file(folder.path() / "a.csv"), "one,two\n");
}

TEST(AtomicFileTest, WithoutCommitNothingIsLeft) {
  const test::TempFolder folder;
  {
    AtomicFile file(folder.path() / "a.csv");
    file.write("half");
    EXPECT_EQ(folder.files().size(), 1U);
  }
  EXPECT_THAT(folder.files(), IsEmpty());
}

TEST(AtomicFileTest, TheOldContentStaysUntilCommit) {
  const test::TempFolder folder;
  const auto path = folder.write("a.csv", "old");
  { AtomicFile(path).write("never finished"); }
  EXPECT_EQ(read_file(path), "old");
  AtomicFile file(path);
  file.write("new");
  EXPECT_EQ(read_file(path), "old");
  file.commit();
  EXPECT_EQ(read_file(path), "new");
  EXPECT_THAT(folder.files(), ElementsAre("a.csv"));
}

TEST(AtomicFileTest, WhatALibraryWroteToTheTemporaryPathIsCommitted) {
  const test::TempFolder folder;
  AtomicFile file(folder.path() / "a.mp4");
  {
    std::FILE* out = std::fopen(file.temporary_path().c_str(), "wb");
    ASSERT_NE(out, nullptr);
    std::fputs("frames", out);
    std::fclose(out);
  }
  file.commit();
  EXPECT_EQ(read_file(folder.path() / "a.mp4"), "frames");
}

TEST(AtomicFileTest, AMovedFileIsCommittedOnce) {
  const test::TempFolder folder;
  {
    AtomicFile first(folder.path() / "a.csv");
    first.write("a");
    AtomicFile second(std::move(first));
    second.write("b");
    second.commit();
  }
  EXPECT_EQ(read_file(folder.path() / "a.csv"), "ab");
  EXPECT_THAT(folder.files(), ElementsAre("a.csv"));
}

TEST(AtomicFileTest, TwoWritersOfOneFileDoNotMixTheirBytes) {
  const test::TempFolder folder;
  AtomicFile first(folder.path() / "a.csv");
  AtomicFile second(folder.path() / "a.csv");
  first.write("first");
  second.write("2nd");
  first.commit();
  EXPECT_EQ(read_file(folder.path() / "a.csv"), "first");
  second.commit();
  EXPECT_EQ(read_file(folder.path() / "a.csv"), "2nd");
  EXPECT_THAT(folder.files(), ElementsAre("a.csv"));
}

TEST(AtomicFileTest, IsHiddenUntilCommit) {
  const test::TempFolder folder;
  const AtomicFile file(folder.path() / "a.csv");
  EXPECT_THAT(folder.files(), ElementsAre(".a.csv.tmp"));
}

TEST(AtomicFileTest, WhatAKilledProcessLeftGoesWithTheNextWrite) {
  const test::TempFolder folder;
  const fs::path path = folder.path() / "a.csv";
  const pid_t child = ::fork();
  if (child == 0) {
    AtomicFile file(path);
    file.write("half");
    ::raise(SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  ASSERT_THAT(folder.files(), ElementsAre(".a.csv.tmp"));
  write_file(path, "whole");
  EXPECT_THAT(folder.files(), ElementsAre("a.csv"));
  EXPECT_EQ(read_file(path), "whole");
}

TEST(AtomicFileTest, WhatAnotherProcessIsWritingStays) {
  const test::TempFolder folder;
  const fs::path path = folder.path() / "a.csv";
  AtomicFile file(path);
  file.write("slow");
  const pid_t child = ::fork();
  if (child == 0) {
    write_file(path, "quick");
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(read_file(path), "quick");
  file.commit();
  EXPECT_EQ(read_file(path), "slow");
  EXPECT_THAT(folder.files(), ElementsAre("a.csv"));
}

TEST(AtomicFileTest, AFolderThatCannotBeWrittenIsAFailureThatNamesTheFile) {
  const test::TempFolder folder;
  const std::string in_missing = folder.path() / "no/a.csv";
  EXPECT_EQ(test::error_text(ErrorKind::failure, [&] { return AtomicFile(in_missing); }),
            in_missing + ": cannot write: No such file or directory");
  const std::string below_file = folder.write("file", "x") / "a.csv";
  EXPECT_EQ(test::error_text(ErrorKind::failure, [&] { write_file(below_file, "x"); }),
            below_file + ": cannot write: Not a directory");
}

TEST(AtomicFileTest, AFolderWithoutPermissionIsAFailure) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write to every folder";
  const test::TempFolder folder;
  const std::string path = folder / "locked/a.csv";
  fs::permissions(folder.path() / "locked", fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EQ(test::error_text(ErrorKind::failure, [&] { return AtomicFile(path); }),
            path + ": cannot write: Permission denied");
  fs::permissions(folder.path() / "locked", fs::perms::owner_all);
}

TEST(AtomicFileTest, AFolderInTheWayIsAFailureThatLeavesNoTemporaryFile) {
  const test::TempFolder folder;
  const std::string path = folder / "taken/by/folder";
  fs::create_directories(path);
  EXPECT_EQ(test::error_text(ErrorKind::failure, [&] { write_file(path, "x"); }),
            path + ": cannot replace: Is a directory");
  EXPECT_THAT(folder.files(), IsEmpty());
}

/// Lets the process write files of at most that many bytes, like a disk that fills up.
class ScopedFileLimit {
 public:
  explicit ScopedFileLimit(rlim_t bytes) : signal_before_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~ScopedFileLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_before_);
  }
  ScopedFileLimit(const ScopedFileLimit&) = delete;
  ScopedFileLimit& operator=(const ScopedFileLimit&) = delete;

 private:
  rlimit before_{};
  void (*signal_before_)(int);
};

TEST(AtomicFileTest, ADiskThatFillsUpKeepsTheOldContentAndLeavesNoTemporaryFile) {
  const test::TempFolder folder;
  const std::string path = folder.write("a.csv", "old");
  {
    const ScopedFileLimit limit(1000);
    EXPECT_EQ(test::error_text(ErrorKind::failure, [&] { write_file(path, std::string(5000, 'x')); }),
              path + ": cannot write: File too large");
  }
  EXPECT_EQ(read_file(path), "old");
  EXPECT_THAT(folder.files(), ElementsAre("a.csv"));
}

TEST(MakeFolderTest, MakesParentsAndKeepsWhatIsThere) {
  const test::TempFolder folder;
  make_folder(folder.path() / "a/b/c");
  EXPECT_TRUE(fs::is_directory(folder.path() / "a/b/c"));
  folder.write("a/b/kept", "x");
  make_folder(folder.path() / "a/b");
  EXPECT_THAT(folder.files(), ElementsAre("a/b/kept"));
}

TEST(MakeFolderTest, AFileInTheWayIsAFailureThatNamesTheFolder) {
  const test::TempFolder folder;
  const std::string file = folder.write("runs", "x");
  const auto text = [](const std::string& path) {
    return test::error_text(ErrorKind::failure, [&] { make_folder(path); });
  };
  EXPECT_EQ(text(file), file + ": cannot make this folder: Not a directory");
  EXPECT_EQ(text(file + "/one"), file + "/one: cannot make this folder: Not a directory");
}

TEST(RemoveFileTest, TakesAFileAwayAndMindsNoMissingOne) {
  const test::TempFolder folder;
  const auto path = folder.write("a.csv", "x");
  folder.write("b.csv", "kept");
  remove_file(path);
  EXPECT_THAT(folder.files(), ElementsAre("b.csv"));
  remove_file(path);
  EXPECT_THAT(folder.files(), ElementsAre("b.csv"));
}

TEST(RemoveFileTest, WhatCannotBeRemovedIsAFailureThatNamesIt) {
  const test::TempFolder folder;
  folder.write("full/a.csv", "x");
  const std::string full = folder.path() / "full";
  EXPECT_EQ(test::error_text(ErrorKind::failure, [&] { remove_file(full); }),
            full + ": cannot be removed: Directory not empty");
  EXPECT_THAT(folder.files(), ElementsAre("full/a.csv"));
}

TEST(Sha256Test, KnownDigests) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

}  // namespace
}  // namespace fer
