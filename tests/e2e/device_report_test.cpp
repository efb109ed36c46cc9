// What only a built program can tell of a device: how long its own start takes.
#include <gmock/gmock.h>

#include "program.hpp"

namespace fer {
namespace {

using test::Program;
using test::TempFolder;
using ::testing::ContainsRegex;

TEST(DeviceReport, TellsTheSecondsFromTheStartToTheFirstResult) {
  const TempFolder folder;
  const Program bench("fer-bench",
                      {"device", "--quick", "--size", "32", "--precision", "fp32", "--batch", "1",
                       "--no-video", "--threads", "1", "--device", "cpu"},
                      folder);
  ASSERT_EQ(bench.wait(), 0) << bench.err();
  EXPECT_THAT(bench.out(), ContainsRegex("\\| Start to first result \\| [0-9]+\\.[0-9][0-9] s \\|"));
}

}  // namespace
}  // namespace fer
