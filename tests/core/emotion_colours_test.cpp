#include "fer/core/emotion_colours.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "colour_difference.hpp"

namespace fer {
namespace {

constexpr Vision kEveryone[] = {Vision::full, Vision::protanopia, Vision::deuteranopia, Vision::tritanopia};

double least_difference(const std::vector<Rgb>& colours, Vision vision) {
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < colours.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j)
      least = std::min(least, difference(seen(colours[i], vision), seen(colours[j], vision)));
  }
  return least;
}

std::vector<Rgb> with_uncertain(std::vector<Rgb> colours) {
  colours.push_back(kUncertainColour);
  return colours;
}

std::vector<std::string> fifteen_classes() {
  std::vector<std::string> names = canonical_classes();
  for (const char* more : {"contempt", "bored", "tired", "in pain", "proud", "shy", "calm", "confused"})
    names.emplace_back(more);
  return names;
}

/// The published pairs of Sharma, Wu and Dalal (2005): of blues, across the red axis, of dark colours.
TEST(ColourDifference, IsThatOfTheStandardsTestData) {
  EXPECT_NEAR(difference({50, 2.6772, -79.7751}, {50, 0, -82.7485}), 2.0425, 1e-4);
  EXPECT_NEAR(difference({50, 2.5, 0}, {50, 3.2592, 0.3350}), 1.0, 1e-4);
  EXPECT_NEAR(difference({50, -1, 2}, {50, 0, 0}), 2.3669, 1e-4);
  EXPECT_NEAR(difference({60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}), 1.2644, 1e-4);
  EXPECT_NEAR(difference({2.0776, 0.0795, -1.1350}, {0.9033, -0.0636, -0.5514}), 0.9082, 1e-4);
}

TEST(EmotionColours, AreToldApartByColourBlindPeople) {
  for (const Vision vision : kEveryone) {
    EXPECT_GE(least_difference(with_uncertain(emotion_colours(ClassList())), vision), 14.0)
        << static_cast<int>(vision);
    EXPECT_GE(least_difference(with_uncertain(emotion_colours(ClassList(fifteen_classes()))), vision), 11.0)
        << static_cast<int>(vision);
  }
  // What the measure is worth: Okabe and Ito's colours fall short of it, and red on green far short.
  EXPECT_LT(least_difference({{230, 159, 0}, {240, 228, 66}}, Vision::deuteranopia), 12.0);
  EXPECT_LT(least_difference({{190, 60, 40}, {80, 120, 40}}, Vision::deuteranopia), 8.0);
}

TEST(EmotionColours, AreToldApartInGreyAndOnWhite) {
  std::vector<double> lightness;
  for (const Rgb colour : emotion_colours(ClassList()))
    lightness.push_back(seen(colour, Vision::full).lightness);
  std::ranges::sort(lightness);
  for (std::size_t i = 1; i < lightness.size(); ++i) EXPECT_GE(lightness[i] - lightness[i - 1], 8.0) << i;
  EXPECT_LE(lightness.back(), 82.0);
}

TEST(EmotionColours, HaveLinesThatDifferInTheirDashes) {
  const auto dashes = emotion_dashes(ClassList());
  ASSERT_EQ(dashes.size(), canonical_classes().size());
  for (std::size_t i = 0; i < dashes.size(); ++i) {
    EXPECT_EQ(dashes[i].size() % 2, 0U);
    for (std::size_t j = 0; j < i; ++j)
      EXPECT_FALSE(std::ranges::equal(dashes[i], dashes[j])) << i << " and " << j;
  }
}

TEST(EmotionColours, GivesAnEmotionTheSameColourInEveryClassList) {
  const auto canonical = emotion_colours(ClassList());
  const auto others = emotion_colours(ClassList({"Happiness", "contempt", "anger"}));
  EXPECT_EQ(canonical.at(3), others.at(0));
  EXPECT_EQ(canonical.at(0), others.at(2));
  EXPECT_TRUE(std::ranges::equal(emotion_dashes(ClassList()).at(0),
                                 emotion_dashes(ClassList({"Happiness", "contempt", "anger"})).at(2)));
}

TEST(EmotionColours, TellsClassesApart) {
  const std::vector<std::string> names = fifteen_classes();
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
