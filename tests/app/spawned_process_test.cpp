#include "spawned_process.hpp"

#include <gmock/gmock.h>
#include <signal.h>

#include "app/shell.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using testing::HasSubstr;

TEST(SpawnedProcess, TellsItsExitCode) {
  SpawnedProcess process(shell("exit 3"));
  const ProcessEnd end = process.wait();
  EXPECT_EQ(end.code, 3);
  EXPECT_EQ(end.text(), "exit code 3");
}

TEST(SpawnedProcess, TellsTheSignalThatEndedIt) {
  SpawnedProcess process(shell("exec sleep 60"));
  EXPECT_FALSE(process.ended());
  process.send(SIGKILL);
  const ProcessEnd end = process.wait();
  EXPECT_EQ(end.signal, SIGKILL);
  EXPECT_EQ(end.code, 137);
  EXPECT_THAT(end.text(), HasSubstr("signal 9"));
}

TEST(SpawnedProcess, WritesToTheFilesAndSeesTheVariablesItIsGiven) {
  const test::TempFolder folder;
  SpawnOptions options = shell("echo $GIVEN; echo lost >&2");
  options.variables = {{"GIVEN", "a = b"}};
  options.out = folder.path() / "out";
  options.err = folder.path() / "err";
  EXPECT_EQ(SpawnedProcess(options).wait().code, 0);
  EXPECT_EQ(read_file(options.out), "a = b\n");
  EXPECT_EQ(read_file(options.err), "lost\n");
}

TEST(SpawnedProcess, EndsWithItsOwner) {
  pid_t id = 0;
  {
    const SpawnedProcess process(shell("exec sleep 60"));
    id = process.id();
    EXPECT_EQ(::kill(id, 0), 0);
  }
  EXPECT_NE(::kill(id, 0), 0);
}

TEST(SpawnedProcess, NamesAProgramThatIsNotThere) {
  EXPECT_THROW(SpawnedProcess({.program = "/nowhere/program", .arguments = {}}), Error);
}

}  // namespace
}  // namespace fer
