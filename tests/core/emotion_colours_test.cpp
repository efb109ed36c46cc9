#include "fer/core/emotion_colours.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace fer {
namespace {

TEST(EmotionColours, GivesAnEmotionTheSameColourInEveryClassList) {
  const auto canonical = emotion_colours(ClassList());
  const auto others = emotion_colours(ClassList({"Happiness", "contempt", "anger"}));
  EXPECT_EQ(canonical.at(3), others.at(0));
  EXPECT_EQ(canonical.at(0), others.at(2));
  EXPECT_EQ(canonical.at(0), (Rgb{213, 94, 0}));  // vermilion
}

TEST(EmotionColours, TellsClassesApart) {
  std::vector<std::string> names = canonical_classes();
  for (const char* more : {"contempt", "bored", "tired", "in pain", "proud", "shy", "calm", "confused"})
    names.emplace_back(more);
  const auto colours = emotion_colours(ClassList(names));
  ASSERT_EQ(colours.size(), names.size());
  for (std::size_t i = 0; i < colours.size(); ++i) {
    EXPECT_EQ(std::ranges::count(colours, colours[i]), 1) << names[i];
    EXPECT_NE(colours[i], kUncertainColour) << names[i];
  }
}

TEST(EmotionColours, ManyClassesRepeatTheFurtherColours) {
  std::vector<std::string> names;
  for (int i = 0; i < 9; ++i) names.push_back("state " + std::to_string(i));
  const auto colours = emotion_colours(ClassList(names));
  EXPECT_EQ(colours.at(8), colours.at(0));
}

}  // namespace
}  // namespace fer
