#include "process_launch.hpp"

#include <gmock/gmock.h>

#include "app/shell.hpp"

namespace fer {
namespace {

using testing::ElementsAre;

/// Ends soon where a rank hangs.
struct LaunchEnd {
  int code;
  std::string said;
};

LaunchEnd end_of(const std::vector<std::string>& commands) {
  Launch launch(/*grace=*/0.2);
  for (const std::string& command : commands) launch.add(shell(command));
  const int code = launch.wait();
  return {.code = code, .said = launch.last_word()};
}

TEST(Launch, EndsAsTheFirstRankDoes) {
  const LaunchEnd outcome = end_of({"sleep 0.1", "exit 0"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.said, "");
}

/// The first has still to evaluate and to write when the others have stopped.
TEST(Launch, ARankThatStoppedOnRequestHasNotFailed) {
  const LaunchEnd outcome = end_of({"sleep 1; exit 143", "exit 143", "exit 130"});
  EXPECT_EQ(outcome.code, 143);
  EXPECT_EQ(outcome.said, "");
}

TEST(Launch, SaysNothingWhereTheFirstRankCan) {
  const LaunchEnd outcome = end_of({"sleep 0.1; exit 1", "exit 3"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.said, "");
}

TEST(Launch, SaysWhatAnotherSaidWhereTheFirstHangs) {
  const LaunchEnd outcome = end_of({"trap '' TERM; while :; do sleep 0.1; done",
                                    "echo 12:00 training >&2; echo error: rank 0 hangs >&2; exit 1"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.said, "error: rank 0 hangs\n");
}

TEST(Launch, SaysHowTheFirstEndedWhereItWasKilled) {
  const LaunchEnd outcome = end_of({"kill -9 $$", "sleep 60"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.said, testing::StartsWith("error: rank 0 ended with signal 9"));
}

TEST(Launch, ItsOwnOptionIsLeftOutOfTheRanksArguments) {
  const std::vector<std::string> given = {"-c", "a.yaml",    "--nproc", "4",
                                          "-q", "--nproc=2", "--name",  "--nprocess"};
  EXPECT_THAT(without_option(given, "--nproc"), ElementsAre("-c", "a.yaml", "-q", "--name", "--nprocess"));
}

}  // namespace
}  // namespace fer
