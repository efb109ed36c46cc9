#include "process_pool.hpp"

#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>
#include <string>
#include <vector>

#include "fer/core/files.hpp"
#include "stop_signal.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

/// Shell commands as a pool, and how they ended.
class CommandPool {
 public:
  explicit CommandPool(std::vector<std::string> commands, int parallel)
      : commands_(std::move(commands)), parallel_(parallel) {}

  bool run(std::function<bool()> first_is_ready = {}) {
    return run_pool({.count = commands_.size(),
                     .parallel = parallel_,
                     .begin = [&](std::size_t at) { return begin(at); },
                     .ended = [&](std::size_t at, const ProcessEnd& end) { ends.emplace_back(at, end.code); },
                     .first_is_ready = std::move(first_is_ready)});
  }

  std::vector<std::size_t> begun;
  std::vector<std::pair<std::size_t, int>> ends;

 private:
  SpawnOptions begin(std::size_t at) {
    begun.push_back(at);
    return {.program = "/bin/sh", .arguments = {"-c", commands_[at]}, .own_group = true};
  }

  std::vector<std::string> commands_;
  int parallel_;
};

TEST(ProcessPool, RunsAllInTheirOrderWhateverTheyEndWith) {
  CommandPool pool({"exit 0", "exit 3", "kill -9 $$", "exit 0"}, 1);
  EXPECT_TRUE(pool.run());
  EXPECT_THAT(pool.begun, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(pool.ends, ElementsAre(Pair(0, 0), Pair(1, 3), Pair(2, 137), Pair(3, 0)));
}

TEST(ProcessPool, RunsSoManyAtATime) {
  const test::TempFolder folder;
  const std::string here = "cd " + folder.path().string() + "; ";
  // Each waits until the other has begun.
  CommandPool pair({here + "touch a; until [ -e b ]; do sleep 0.02; done",
                    here + "touch b; until [ -e a ]; do sleep 0.02; done"},
                   2);
  EXPECT_TRUE(pair.run());
  EXPECT_THAT(pair.ends, UnorderedElementsAre(Pair(0, 0), Pair(1, 0)));
  // One at a time, none meets another.
  const std::string alone = here + "mkdir busy || exit 1; sleep 0.1; rmdir busy";
  CommandPool one({alone, alone, alone}, 1);
  EXPECT_TRUE(one.run());
  EXPECT_THAT(one.ends, ElementsAre(Pair(0, 0), Pair(1, 0), Pair(2, 0)));
}

TEST(ProcessPool, TheFirstIsAloneUntilItIsReady) {
  const test::TempFolder folder;
  const std::string here = "cd " + folder.path().string() + "; ";
  CommandPool pool(
      {here + "sleep 0.3; touch crops; sleep 0.3", here + "test -e crops", here + "test -e crops"}, 3);
  EXPECT_TRUE(pool.run([&] { return std::filesystem::exists(folder.path() / "crops"); }));
  EXPECT_THAT(pool.ends, UnorderedElementsAre(Pair(0, 0), Pair(1, 0), Pair(2, 0)));
  EXPECT_NE(pool.ends.front().first, 0U) << "the others did not wait for its end";

  CommandPool never({"exit 3", "exit 0"}, 2);
  EXPECT_TRUE(never.run([] { return false; })) << "one that failed holds nobody up";
  EXPECT_EQ(never.ends.size(), 2U);
}

TEST(ProcessPool, PassesAStopOnAndBeginsNoMore) {
  const StopSignal signals;
  const test::TempFolder folder;
  const std::string ready = (folder.path() / "ready").string();
  CommandPool pool({"trap 'exit 7' TERM; touch " + ready + "; while :; do sleep 0.02; done", "exit 0"}, 1);
  EXPECT_FALSE(pool.run([&] {
    if (std::filesystem::exists(ready) && !stop_requested()) ::raise(SIGTERM);
    return false;
  }));
  EXPECT_THAT(pool.ends, ElementsAre(Pair(0, 7)));
  EXPECT_EQ(stop_exit_code(), 143);
}

}  // namespace
}  // namespace fer
