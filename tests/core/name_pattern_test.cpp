#include "fer/core/name_pattern.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fer/core/error.hpp"
#include "support/error_text.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::string error_of(const std::string& text) {
  return test::error_text(ErrorKind::usage, [&] { const NamePattern pattern(text); });
}

TEST(NamePattern, FindsWhatItsNamedGroupsStandFor) {
  const NamePattern pattern(R"((?<subject>[A-Z]{2})\.(?<label>AN|HA)(\d)\.(?<number>\d+)\.tiff)");
  EXPECT_THAT(pattern.names(), ElementsAre("label", "number", "subject"));
  EXPECT_THAT(pattern.match("KA.AN1.39.tiff").value(),
              ElementsAre(Pair("label", "AN"), Pair("number", "39"), Pair("subject", "KA")));
}

TEST(NamePattern, FitsTheWholeTextOrNotAtAll) {
  const NamePattern pattern("(?<a>b|bc)");
  EXPECT_TRUE(pattern.match("b"));
  EXPECT_THAT(pattern.match("bc").value(), ElementsAre(Pair("a", "bc")));
  EXPECT_FALSE(pattern.match("abc"));
  EXPECT_FALSE(pattern.match("bcd"));
  EXPECT_FALSE(pattern.match(""));
}

TEST(NamePattern, TellsCasesApartUnlessAskedNotTo) {
  EXPECT_FALSE(NamePattern("(?<a>af)").match("AF"));
  EXPECT_THAT(NamePattern("(?<a>af)", true).match("aF").value(), ElementsAre(Pair("a", "aF")));
  EXPECT_TRUE(NamePattern("Z(?<a>Ö)", true).match("zö"));
}

TEST(NamePattern, GroupsThatTakeNoPartAreMissingAndNamesMayRepeat) {
  const NamePattern pattern("(?<kind>x)(?<number>[0-9])?|(?<number>[0-9])y");
  EXPECT_THAT(pattern.names(), ElementsAre("kind", "number"));
  EXPECT_THAT(pattern.match("x").value(), ElementsAre(Pair("kind", "x")));
  EXPECT_THAT(pattern.match("3y").value(), ElementsAre(Pair("number", "3")));
}

TEST(NamePattern, APathFitsByItsLongestEnding) {
  const NamePattern pattern("(?:(?<folder>[^/]+)/)?(?<file>[^/]+)");
  EXPECT_THAT(pattern.match_path("a/b/c").value(), ElementsAre(Pair("file", "c"), Pair("folder", "b")));
  EXPECT_THAT(pattern.match_path("c").value(), ElementsAre(Pair("file", "c")));
  EXPECT_FALSE(NamePattern("b").match_path("a/xb"));
}

TEST(NamePattern, SaysWhatIsWrongAtWhichCharacter) {
  EXPECT_EQ(error_of("(?<label>AN"),
            "'(?<label>AN' is no pattern: missing closing parenthesis at character 12");
  // Where exactly differs between versions of PCRE2.
  EXPECT_THAT(error_of("a[z-a]"),
              testing::MatchesRegex(
                  "'a.z-a.' is no pattern: range out of order in character class at character [45]"));
}

TEST(NamePattern, ATextThatTakesForeverIsAnError) {
  const std::string text =
      test::error_text(ErrorKind::data, [] { NamePattern("(a|aa)+c").match(std::string(60, 'a') + "cb"); });
  EXPECT_THAT(text, testing::HasSubstr("match limit exceeded"));
}

TEST(NamePattern, ThatHoldsForAllEndingsOfAPathTogether) {
  std::string path;
  for (int i = 0; i < 400; ++i) path += "a/";
  const NamePattern pattern("(?<a>.*).*[=!]");
  EXPECT_FALSE(pattern.match(path)) << "for each alone there is time";
  EXPECT_THAT(test::error_text(ErrorKind::data, [&] { pattern.match_path(path); }),
              testing::HasSubstr("match limit exceeded"));
}

TEST(NamePattern, ATextLongerThanAnyPathIsAnError) {
  const NamePattern pattern("a*");
  EXPECT_TRUE(pattern.match(std::string(4096, 'a')));
  EXPECT_THAT(test::error_text(ErrorKind::data, [&] { pattern.match(std::string(4097, 'a')); }),
              testing::StartsWith(
                  "a text of 4097 bytes cannot be compared with the pattern 'a*': more than 4096: 'aaa"));
}

TEST(NamesInBraces, AreFoundAndFilled) {
  EXPECT_THAT(names_in("x/{a}_{b c}{a}.jpg"), ElementsAre("a", "b c", "a"));
  EXPECT_THAT(names_in("plain"), IsEmpty());
  EXPECT_EQ(fill_names("x/{a}_{b}{a}.jpg", {{"a", "{b}"}, {"b", ""}}), "x/{b}_{b}.jpg");
  EXPECT_EQ(fill_names("plain", {}), "plain");
  EXPECT_EQ(fill_names("{a}", {{"b", "1"}}), std::nullopt);
}

TEST(NamesInBraces, HaveToBeClosed) {
  const auto error = [](const std::string& text) {
    return test::error_text(ErrorKind::usage, [&] { names_in(text); });
  };
  EXPECT_EQ(error("ab{c"), "'ab{c': expected a name and '}' after the '{' at character 3");
  EXPECT_EQ(error("{}"), "'{}': expected a name and '}' after the '{' at character 1");
}

}  // namespace
}  // namespace fer
