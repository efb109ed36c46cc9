#include "fer/core/display_text.hpp"

#include <gtest/gtest.h>

namespace fer {
namespace {

TEST(DisplayTextTest, LettersTakeTheColumnsTheyTake) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("clip.mp4"), 8U);
  EXPECT_EQ(display_width("Gespräch"), 8U);
  EXPECT_EQ(display_width("表情"), 4U);
  EXPECT_EQ(display_width("한국어"), 6U);
  EXPECT_EQ(display_width("e\u0301"), 1U) << "an accent of its own";
  EXPECT_EQ(display_width("😀"), 2U);
  EXPECT_EQ(display_width("…±"), 2U);
}

TEST(DisplayTextTest, OnlyWhatCanBeShownIsPrinted) {
  EXPECT_EQ(printable("Gespräch 表情.mp4"), "Gespräch 表情.mp4");
  EXPECT_EQ(printable("a\x1b[2Jb\tc\n"), "a?[2Jb?c?");
  EXPECT_EQ(printable("\x7f\xc2\x9b"), "??") << "a control sequence in one byte";
  EXPECT_EQ(printable("m\xe4nner"), "m?nner") << "Latin-1";
  EXPECT_EQ(printable("\xc0\xaf"), "??") << "overlong";
  EXPECT_EQ(printable("\xed\xa0\x80"), "???") << "half of a surrogate pair";
  EXPECT_EQ(printable("end\xe8\xa1"), "end??") << "cut off";
  EXPECT_EQ(printable("a\u202e4pm"), "a?4pm") << "right to left from here";
}

TEST(DisplayTextTest, TheMiddleOfALongNameGivesWay) {
  EXPECT_EQ(shortened("clip.mp4", 8), "clip.mp4");
  EXPECT_EQ(shortened("interview-4711.mp4", 10), "inter….mp4");
  EXPECT_EQ(shortened("interview", 1), "…");
  EXPECT_EQ(shortened("interview", 0), "");
  EXPECT_EQ(shortened("表情表情表情", 6), "表…情") << "half a letter is none";
}

TEST(DisplayTextTest, AShortenedTextFits) {
  const std::string text = "Ein Gespräch e\u0301 über 表情 und 😀.mp4";
  for (std::size_t columns = 0; columns <= display_width(text) + 1; ++columns) {
    EXPECT_LE(display_width(shortened(text, columns)), columns) << shortened(text, columns);
    EXPECT_EQ(printable(shortened(text, columns)), shortened(text, columns)) << "no letter is torn";
  }
  EXPECT_EQ(shortened(text, display_width(text)), text);
}

}  // namespace
}  // namespace fer
