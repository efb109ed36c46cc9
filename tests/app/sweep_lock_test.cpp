#include <gmock/gmock.h>

#include <optional>

#include "spawned_process.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"
#include "sweep_folder.hpp"

namespace fer::test {
namespace {

std::string refusal(const TempFolder& folder) {
  return error_text(ErrorKind::failure, [&] {
    const SweepLock lock(folder.path());
    return 0;
  });
}

TEST(SweepLock, KeepsOthersOutAsLongAsItOrAChildProcessLives) {
  const TempFolder folder;
  std::optional<SweepLock> lock(folder.path());
  EXPECT_THAT(refusal(folder), testing::HasSubstr("another fer-train runs this sweep"));
  SpawnedProcess child({.program = "/bin/sh", .arguments = {"-c", "exec sleep 60"}});
  lock.reset();
  EXPECT_THAT(refusal(folder), testing::HasSubstr("trainings that it began still do"));
  child.send(9);
  child.wait();
  EXPECT_NO_THROW(lock.emplace(folder.path()));
}

}  // namespace
}  // namespace fer::test
