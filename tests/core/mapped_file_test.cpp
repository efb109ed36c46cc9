#include "fer/core/mapped_file.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fer/core/files.hpp"
#include "support/error_text.hpp"
#include "support/page_cache.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string text_of(const MappedFile& file) { return {file.bytes().begin(), file.bytes().end()}; }

/// Files above `bytes` cannot be written until the end of the scope.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

class MappedFileTest : public testing::Test {
 protected:
  const test::TempFolder folder_;
  const fs::path path_ = folder_.path() / "big";
};

TEST_F(MappedFileTest, HoldsTheBytesOfTheFile) {
  const auto file = MappedFile::open(folder_.write("a", std::string("x\0y", 3)));
  ASSERT_TRUE(file);
  EXPECT_EQ(text_of(*file), std::string("x\0y", 3));
  const auto empty = MappedFile::open(folder_.write("b", ""));
  ASSERT_TRUE(empty);
  EXPECT_THAT(empty->bytes(), IsEmpty());
}

TEST_F(MappedFileTest, NothingIsNoFile) {
  EXPECT_FALSE(MappedFile::open(path_));
  EXPECT_FALSE(MappedFile::open(folder_.path()));
  EXPECT_FALSE(MappedFile::open("/dev/null"));
}

TEST_F(MappedFileTest, StaysWhenTheFileIsRemovedOrReplaced) {
  write_file(path_, "first");
  const auto first = MappedFile::open(path_);
  write_file(path_, "second");
  const auto second = MappedFile::open(path_);
  fs::remove(path_);
  EXPECT_EQ(text_of(*first), "first");
  EXPECT_EQ(text_of(*second), "second");
}

TEST_F(MappedFileTest, MovesWithItsBytes) {
  std::vector<MappedFile> files;
  for (int i = 0; i < 9; ++i)
    files.push_back(*MappedFile::open(folder_.write(fmt::format("f{}", i), std::to_string(i))));
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(text_of(files[i]), std::to_string(i));
  files[3] = std::move(files[5]);
  EXPECT_EQ(text_of(files[3]), "5");
  const MappedFile taken = std::move(files[0]);
  EXPECT_EQ(text_of(taken), "0");
  EXPECT_THAT(files[0].bytes(), IsEmpty());
}

TEST_F(MappedFileTest, AScratchFileAppearsWithCommitOnly) {
  write_file(path_, "before");
  ScratchFile scratch(path_);
  scratch.write(4, bytes_of("efgh"));
  scratch.write(0, bytes_of("abcd"));
  EXPECT_EQ(read_file(path_), "before");
  const auto files = folder_.files();
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0], "big");
  EXPECT_TRUE(is_scratch_name(files[1], "big")) << files[1];
  scratch.commit();
  EXPECT_THAT(folder_.files(), ElementsAre("big"));
  EXPECT_EQ(read_file(path_), "abcdefgh");
  EXPECT_EQ(text_of(scratch.map()), "abcdefgh");
}

TEST_F(MappedFileTest, WithoutCommitNothingStays) {
  MappedFile mapped;
  {
    ScratchFile scratch(path_);
    scratch.write(0, bytes_of("abc"));
    mapped = scratch.map();
    EXPECT_EQ(folder_.files().size(), 1U);
  }
  EXPECT_THAT(folder_.files(), IsEmpty());
  EXPECT_EQ(text_of(mapped), "abc");
}

TEST_F(MappedFileTest, AScratchFileWithoutANameIsAFileAllTheSame) {
  ScratchFile scratch(path_);
  scratch.unlink();
  EXPECT_THAT(folder_.files(), IsEmpty());
  scratch.reserve(6);
  scratch.write(3, bytes_of("def"));
  scratch.write(0, bytes_of("abc"));
  EXPECT_EQ(text_of(scratch.map()), "abcdef");
}

TEST_F(MappedFileTest, ReservedBytesAreZeroUntilWritten) {
  ScratchFile scratch(path_);
  scratch.reserve(0);
  scratch.reserve(5000);
  scratch.write(4999, bytes_of("x"));
  scratch.commit();
  EXPECT_EQ(read_file(path_), std::string(4999, '\0') + "x");
}

TEST_F(MappedFileTest, ThreadsWriteTheirPlaces) {
  constexpr std::size_t kPiece = 5000;
  ScratchFile scratch(path_);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 4; ++t) {
      threads.emplace_back([&scratch, t] {
        for (std::size_t i = t; i < 40; i += 4)
          scratch.write(i * kPiece, bytes_of(std::string(kPiece, static_cast<char>('0' + i))));
      });
    }
  }
  scratch.commit();
  std::string expected;
  for (int i = 0; i < 40; ++i) expected.append(kPiece, static_cast<char>('0' + i));
  EXPECT_EQ(read_file(path_), expected);
}

TEST_F(MappedFileTest, AScratchFileIsAbandonedWhenItsWriterIsKilled) {
  const pid_t child = ::fork();
  if (child == 0) {
    ScratchFile scratch(path_);
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_EQ(folder_.files().size(), 1U);
  const fs::path left = folder_.path() / folder_.files()[0];
  ScratchFile living(path_);
  for (const std::string& name : folder_.files()) remove_abandoned(folder_.path() / name);
  EXPECT_FALSE(fs::exists(left));
  EXPECT_EQ(folder_.files().size(), 1U);
  living.commit();
  EXPECT_THAT(folder_.files(), ElementsAre("big"));
  remove_abandoned(folder_.path() / "none");
}

TEST_F(MappedFileTest, ScratchNamesAreOursOnly) {
  EXPECT_TRUE(is_scratch_name("a.crops.scratch-0123456789abcdef", "a.crops"));
  for (const char* name : {"a.crops", "a.crops.scratch-", "a.crops.scratch-0123456789abcde",
                           "a.crops.scratch-0123456789abcdef0", "a.crops.scratch-0123456789abcdeg",
                           "b.crops.scratch-0123456789abcdef", "a.crops.tmp-0-0123456789abcdef", ""}) {
    EXPECT_FALSE(is_scratch_name(name, "a.crops")) << name;
  }
}

TEST_F(MappedFileTest, WhatIsFetchedAheadComesToMemory) {
  constexpr std::size_t kBytes = 1 << 20;
  {
    ScratchFile scratch(path_);
    scratch.write(0, std::vector<std::uint8_t>(kBytes, 7));
    scratch.commit();
  }
  test::evict(path_);
  const auto file = MappedFile::open(path_);
  ASSERT_TRUE(file);
  if (test::resident_pages(file->bytes()) > 0) GTEST_SKIP() << path_ << " does not leave the cache";
  fetch_ahead(file->bytes().subspan(kBytes / 2 + 1, 1));  // anywhere within a page
  EXPECT_GE(test::resident_pages(file->bytes(), 1), 1U);
  const std::size_t all = kBytes / static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  fetch_ahead(file->bytes());
  EXPECT_EQ(test::resident_pages(file->bytes(), all), all);
  fetch_ahead({});
}

TEST_F(MappedFileTest, AFolderThatIsNotThereIsAFailure) {
  const fs::path path = folder_.path() / "no/big";
  const std::string text = test::error_text(ErrorKind::failure, [&] { return ScratchFile(path).map(); });
  EXPECT_THAT(text, StartsWith(path.string()));
  EXPECT_THAT(text, HasSubstr("cannot write: No such file or directory"));
}

TEST_F(MappedFileTest, NoRoomIsAFailureAndLeavesNothing) {
  const FileSizeLimit limit(10000);
  for (const bool reserve : {true, false}) {
    EXPECT_EQ(test::error_text(ErrorKind::failure,
                               [&] {
                                 ScratchFile scratch(path_);
                                 if (reserve) scratch.reserve(10001);
                                 scratch.write(9999, bytes_of("xy"));
                                 return 0;
                               }),
              path_.string() + ": cannot write: File too large");
    EXPECT_THAT(folder_.files(), IsEmpty());
  }
}

}  // namespace
}  // namespace fer
