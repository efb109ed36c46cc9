#include "shell_command.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "fer/core/files.hpp"
#include "spawned_process.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

TEST(ShellCommand, LeavesHarmlessWordsAsTheyAre) {
  const std::vector<std::string> words = {"/usr/bin/fer-train", "-c", "runs/a-b_c.1/001.yaml", "--resume"};
  EXPECT_EQ(shell_command(words), "/usr/bin/fer-train -c runs/a-b_c.1/001.yaml --resume");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word(""), "''");
}

TEST(ShellCommand, IsReadBackByAShellWordByWord) {
  const std::vector<std::string> words = {"printf",         "%s|",   "a b", "it's",  "$HOME `id` \\ \"x\"",
                                          "[{kind: kdef}]", "~",     "*",   "a;b&c", "",
                                          "line\nend",      "{1,2}", "#",   "!!",    "ä=ö"};
  std::string expected;
  for (std::size_t i = 2; i < words.size(); ++i) expected += words[i] + "|";
  const test::TempFolder folder;
  SpawnedProcess shell(
      {.program = "/bin/sh", .arguments = {"-c", shell_command(words)}, .out = folder.path() / "out"});
  EXPECT_EQ(shell.wait().code, 0);
  EXPECT_EQ(read_file(folder.path() / "out"), expected);
}

}  // namespace
}  // namespace fer
