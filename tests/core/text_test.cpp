#include "fer/core/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fer {
namespace {

using testing::ElementsAre;

TEST(TextTest, ToLowerChangesAsciiLettersOnly) {
  EXPECT_EQ(to_lower("AF01ANS.JPG"), "af01ans.jpg");
  EXPECT_EQ(to_lower("@[`{"), "@[`{");
  EXPECT_EQ(to_lower("\xc3\x84rger"), "\xc3\x84rger");  // a capital A with two dots
  EXPECT_EQ(to_lower(""), "");
}

TEST(TextTest, TrimTakesBlanksTabsAndLineEndsFromBothEnds) {
  EXPECT_EQ(trim("  a b\t\r\n"), "a b");
  EXPECT_EQ(trim("\n\n a"), "a");
  EXPECT_EQ(trim("a"), "a");
  EXPECT_EQ(trim(" \t\r\n"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(TextTest, SplitKeepsEmptyParts) {
  EXPECT_THAT(split("a,b,c", ','), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split(",a,,", ','), ElementsAre("", "a", "", ""));
  EXPECT_THAT(split("a", ','), ElementsAre("a"));
  EXPECT_THAT(split("", ','), ElementsAre(""));
}

TEST(TextTest, JoinIsTheOppositeOfSplit) {
  EXPECT_EQ(join(split("a..b.", '.'), "."), "a..b.");
  EXPECT_EQ(join(std::vector<std::string>{"happy", "sad"}, ", "), "happy, sad");
  EXPECT_EQ(join(std::vector<std::string>{"happy"}, ", "), "happy");
  EXPECT_EQ(join({}, ", "), "");
}

TEST(TextTest, ParseNumberTakesTheWholeTextOrNothing) {
  EXPECT_EQ(parse_number("0.25"), 0.25);
  EXPECT_EQ(parse_number("-1e-3"), -1e-3);
  EXPECT_EQ(parse_number("7"), 7.0);
  for (const char* text : {"", " 1", "1 ", "1,5", "0.2x", "ten", "1e999", "--1", "0x10"}) {
    EXPECT_EQ(parse_number(text), std::nullopt) << "'" << text << "'";
  }
}

TEST(TextTest, ParseIntegerTakesTheWholeTextOrNothing) {
  EXPECT_EQ(parse_integer("42"), 42);
  EXPECT_EQ(parse_integer("-7"), -7);
  EXPECT_EQ(parse_integer("007"), 7);
  EXPECT_EQ(parse_integer("9223372036854775807"), 9223372036854775807LL);
  for (const char* text : {"", "1.0", "1e2", " 1", "1 ", "x", "9223372036854775808"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << "'" << text << "'";
  }
}

TEST(TextTest, NearestFindsATypingSlip) {
  const std::vector<std::string> names = {"epochs", "batch_size", "optimiser"};
  EXPECT_EQ(nearest("epoch", names), "epochs");
  EXPECT_EQ(nearest("EPOCHS", names), "epochs");
  EXPECT_EQ(nearest("eopchs", names), "epochs");  // two letters swapped: two edits
  EXPECT_EQ(nearest("batchsize", names), "batch_size");
  EXPECT_EQ(nearest("optimizers", names), "optimiser");
}

TEST(TextTest, NearestTakesTheClosestAndTheFirstOfEquals) {
  EXPECT_EQ(nearest("vale", std::vector<std::string>{"valid", "value", "val"}), "value");
  EXPECT_EQ(nearest("tast", std::vector<std::string>{"test", "task"}), "test");
}

TEST(TextTest, NearestAllowsTwoEditsOrAThirdOfTheName) {
  EXPECT_EQ(nearest("hapqr", std::vector<std::string>{"happy"}), "happy");
  EXPECT_EQ(nearest("haxyz", std::vector<std::string>{"happy"}), std::nullopt);
  EXPECT_EQ(nearest("early_stoppXYZ", std::vector<std::string>{"early_stopping"}), "early_stopping");
  EXPECT_EQ(nearest("learning_rXYZVW", std::vector<std::string>{"learning_rate"}), "learning_rate");
  EXPECT_EQ(nearest("learning_XYZVWU", std::vector<std::string>{"learning_rate"}), std::nullopt);
}

TEST(TextTest, NearestGivesNothingForAFarName) {
  EXPECT_EQ(nearest("momentum", std::vector<std::string>{"epochs", "seed"}), std::nullopt);
  EXPECT_EQ(nearest("xy", std::vector<std::string>{"lr", "a"}), std::nullopt);  // nothing in common
  EXPECT_EQ(nearest("", std::vector<std::string>{"lr"}), std::nullopt);
  EXPECT_EQ(nearest("epochs", {}), std::nullopt);
}

TEST(TextTest, DidYouMeanIsTheEndOfASentence) {
  const std::vector<std::string> names = {"subject", "random"};
  EXPECT_EQ(did_you_mean("subjects", names), ", did you mean 'subject'?");
  EXPECT_EQ(did_you_mean("kfold", names), "");
}

TEST(Text, DurationsHaveUnitsFromLargeToSmall) {
  EXPECT_EQ(parse_duration("2h"), 7200);
  EXPECT_EQ(parse_duration("90m"), 5400);
  EXPECT_EQ(parse_duration("45s"), 45);
  EXPECT_EQ(parse_duration("1h30m"), 5400);
  EXPECT_EQ(parse_duration("0.5h"), 1800);
  for (const char* wrong : {"", "2", "h", "2d", "30m1h", "1h1h", "-1h", "1h 30m", "nanh", "1e999s", "2h5"}) {
    EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
  }
}

}  // namespace
}  // namespace fer
