#include <gmock/gmock.h>

#include "app/drawn_training.hpp"
#include "fer/core/files.hpp"

namespace fer::test {
namespace {

using testing::HasSubstr;

TEST(EvalOverview, ListsTheRunsThatFerTrainMade) {
  const DrawnTraining drawn;
  ASSERT_EQ(drawn.train({"--name", "one", "--set", "data.split.val=0.3"}).code, kOk);
  const std::string run_page = read_file(drawn.path("runs/one/report.html"));
  EXPECT_NE(run_page.find("1 of 1 epochs"), std::string::npos);
  EXPECT_EQ(run_page.find("reloads itself"), std::string::npos) << "it is finished";

  const Outcome outcome = run(eval_tool, {"overview", drawn.path("runs").string()});
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("1 runs, 0 videos: " + drawn.path("runs/index.html").string()));
  EXPECT_NE(read_file(drawn.path("runs/index.html")).find("<a href=\"one/report.html\">one</a>"),
            std::string::npos);
}

TEST(EvalOverview, OfAFolderWithoutResultsIsADataError) {
  const TempFolder folder;
  EXPECT_EQ(run(eval_tool, {"overview", folder.path().string()}).code, kData);
}

}  // namespace
}  // namespace fer::test
