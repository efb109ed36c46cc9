#include "fer/core/error.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace fer {
namespace {

TEST(ErrorTest, EachMakerGivesItsKindAndFormatsItsText) {
  const Error broken = failure("{}: cannot write", "out.csv");
  EXPECT_EQ(broken.kind(), ErrorKind::failure);
  EXPECT_STREQ(broken.what(), "out.csv: cannot write");

  const Error wrong = usage_error("expected {} to {}, got {}", 1, 10, 0.5);
  EXPECT_EQ(wrong.kind(), ErrorKind::usage);
  EXPECT_STREQ(wrong.what(), "expected 1 to 10, got 0.5");

  const Error damaged = data_error("empty");
  EXPECT_EQ(damaged.kind(), ErrorKind::data);
  EXPECT_STREQ(damaged.what(), "empty");
}

TEST(ErrorTest, BracesInAnArgumentStayAsTheyAre) {
  EXPECT_STREQ(failure("{}", "{ROOT} {}").what(), "{ROOT} {}");
}

TEST(ErrorTest, IsCaughtAsARuntimeError) { EXPECT_THROW(throw data_error("gone"), std::runtime_error); }

}  // namespace
}  // namespace fer
