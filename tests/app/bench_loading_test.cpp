#include <gmock/gmock.h>

#include "app/tool_runs.hpp"
#include "fer/core/text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using test::run;

TEST(BenchLoading, MeasuresEachOrderAndLeavesNothingBehind) {
  const test::TempFolder folder;
  const auto outcome =
      run(bench_tool, {"loading", folder.path().string(), "--images", "280", "--size", "32", "--batch", "14",
                       "--shard-mb", "0.03", "--mixed-shards", "4", "--rounds", "1", "-q"});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  const auto lines = split(outcome.out, '\n');
  ASSERT_GE(lines.size(), 5U) << outcome.out;
  EXPECT_THAT(lines[1], testing::StartsWith("over everything"));
  EXPECT_THAT(lines[4], testing::StartsWith("4 shards of 0.03 MB"));
  const auto unevenness = [&](std::size_t line) {
    return parse_number(lines[line].substr(lines[line].rfind(' ') + 1)).value();
  };
  EXPECT_NEAR(unevenness(1), 1, 0.4);
  EXPECT_GT(unevenness(4), 2);  // seven classes, sorted, in windows of four shards
  EXPECT_EQ(unevenness(2), unevenness(1));
  EXPECT_THAT(folder.files(), testing::IsEmpty());
}

TEST(BenchLoading, AFolderThatIsNotThereIsAFailure) {
  const auto outcome = run(bench_tool, {"loading", "/nowhere/at/all", "--images", "10"});
  EXPECT_EQ(outcome.code, kFailed);
  EXPECT_THAT(outcome.err, testing::HasSubstr("/nowhere/at/all"));
}

}  // namespace
}  // namespace fer
