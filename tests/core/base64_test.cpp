#include "fer/core/base64.hpp"

#include <gtest/gtest.h>

namespace fer {
namespace {

TEST(Base64, GivesTheTextsOfRfc4648) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, TakesAnyByte) { EXPECT_EQ(base64(std::string_view("\0\xff\xfe", 3)), "AP/+"); }

}  // namespace
}  // namespace fer
