#include "fer/core/stop.hpp"

#include <gtest/gtest.h>

#include "fer/core/error.hpp"

namespace fer {
namespace {

TEST(StoppedTest, IsNoErrorSoThatNobodyReportsItAsOne) {
  try {
    throw Stopped();
  } catch (const Error&) {
    FAIL() << "caught as an error";
  } catch (const std::exception& stopped) {
    EXPECT_STREQ(stopped.what(), "stopped on request");
  }
}

}  // namespace
}  // namespace fer
