#include "fer/core/json_value.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "support/error_text.hpp"

namespace fer {
namespace {

using Json = nlohmann::json;

TEST(JsonValueTest, GivesWhatTheTypeTakes) {
  EXPECT_EQ(value_of<int>(Json::parse("-3")), -3);
  EXPECT_EQ(value_of<std::uint64_t>(Json::parse("18446744073709551615")), 18446744073709551615U);
  EXPECT_EQ(value_of<double>(Json::parse("3")), 3);
  EXPECT_EQ(value_of<double>(Json::parse("1.5e300")), 1.5e300);
  EXPECT_EQ(value_of<bool>(Json::parse("true")), true);
  EXPECT_EQ(value_of<std::string>(Json::parse("\"a\"")), "a");
  EXPECT_EQ(value_of<int>(nlohmann::ordered_json::parse("7")), 7);
}

TEST(JsonValueTest, NumbersThatAreNotWholeBecomeNoWholeOnes) {
  for (const char* text : {"1.5", "1.0", "1e300", "-1e300"}) {
    EXPECT_EQ(test::error_text(ErrorKind::data, [&] { return value_of<int>(Json::parse(text)); }),
              "number where a whole number was expected");
  }
  EXPECT_EQ(test::error_text(ErrorKind::data, [] { return value_of<int>(Json::parse("true")); }),
            "boolean where a whole number was expected");
}

TEST(JsonValueTest, AnotherTypeIsAnErrorOfTheLibrary) {
  EXPECT_THROW(value_of<bool>(Json::parse("1")), Json::exception);
  EXPECT_THROW(value_of<double>(Json::parse("\"1\"")), Json::exception);
}

TEST(JsonValueTest, WhatCannotBeReadLeavesTheValue) {
  int value = 5;
  EXPECT_THROW(read_value(Json::parse("2.5"), value), Error);
  EXPECT_EQ(value, 5);
}

}  // namespace
}  // namespace fer
