#include "fer/core/labels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "support/error_text.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(LabelsTest, TheCanonicalClassesAreThoseOfFer2013InItsOrder) {
  EXPECT_THAT(canonical_classes(),
              ElementsAre("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"));
  EXPECT_EQ(ClassList(), ClassList(canonical_classes()));
}

TEST(LabelsTest, WordsOfOtherVocabularies) {
  const std::map<std::string, std::vector<std::string>> words = {
      {"KDEF", {"Afraid", "Angry", "Disgusted", "Happy", "Neutral", "Sad", "Surprised"}},
      {"AffectNet", {"Fear", "Anger", "Disgust", "Happy", "Neutral", "Sad", "Surprise"}},
      {"RAF-DB", {"Fear", "Anger", "Disgust", "Happiness", "Neutral", "Sadness", "Surprise"}},
      {"FaceReader", {"Scared", "Angry", "Disgusted", "Happy", "Neutral", "Sad", "Surprised"}}};
  const std::vector<std::string> labels = {"fear", "angry", "disgust", "happy", "neutral", "sad", "surprise"};
  for (const auto& [vocabulary, row] : words) {
    for (std::size_t i = 0; i < labels.size(); ++i) {
      EXPECT_EQ(canonical_label(row[i]), labels[i]) << vocabulary << " " << row[i];
    }
  }
  EXPECT_EQ(canonical_label("Contempt"), "contempt");
}

TEST(LabelsTest, CaseAndBlanksAroundAWordDoNotMatter) { EXPECT_EQ(canonical_label(" HAPPINESS\r"), "happy"); }

TEST(LabelsTest, AnUnknownWordHasNoLabel) {
  for (const char* word : {"", "happ", "smile", "happy sad", "None"}) {
    EXPECT_EQ(canonical_label(word), std::nullopt) << word;
  }
}

TEST(ClassListTest, TheIndexOfANameIsItsLabel) {
  const ClassList classes({"neutral", "happy", "sad"});
  EXPECT_EQ(classes.size(), 3);
  EXPECT_EQ(classes.name(1), "happy");
  EXPECT_THAT(classes.names(), ElementsAre("neutral", "happy", "sad"));
  EXPECT_NE(classes, ClassList({"happy", "neutral", "sad"}));
}

TEST(ClassListTest, FindTakesNamesAndAliases) {
  const ClassList classes({"Happiness", "Sad", "Smirk"});
  EXPECT_EQ(classes.name(0), "Happiness");  // as the user wrote it
  EXPECT_EQ(classes.find("happy"), 0);
  EXPECT_EQ(classes.find("JOY"), 0);
  EXPECT_EQ(classes.find("sadness"), 1);
  EXPECT_EQ(classes.find("smirk"), 2);
  EXPECT_EQ(classes.find(" SMIRK "), 2);
  EXPECT_EQ(classes.find("angry"), std::nullopt);
  EXPECT_EQ(classes.find("smirks"), std::nullopt);
  EXPECT_EQ(classes.find(""), std::nullopt);
}

TEST(ClassListTest, RefusesFewerThanTwoNames) {
  const auto text = [](std::vector<std::string> names) {
    return test::error_text(ErrorKind::usage, [&] { return ClassList(std::move(names)); });
  };
  EXPECT_EQ(text({}), "a class list needs at least two names, got 0");
  EXPECT_EQ(text({"happy"}), "a class list needs at least two names, got 1");
}

TEST(ClassListTest, RefusesMoreNamesThanAnySetOfEmotionsHas) {
  std::vector<std::string> names;
  for (int i = 0; i < 200; ++i) names.push_back(fmt::format("class {}", i));
  EXPECT_EQ(ClassList(names).size(), 200);
  names.emplace_back("one more");
  EXPECT_THAT(test::error_text(ErrorKind::usage, [&] { return ClassList(names); }),
              HasSubstr("has 201 names, at most 200"));
}

TEST(ClassListTest, RefusesEmptyNamesAndNamesThatMeanTheSame) {
  const auto text = [](std::vector<std::string> names) {
    return test::error_text(ErrorKind::usage, [&] { return ClassList(std::move(names)); });
  };
  EXPECT_THAT(text({"happy", ""}), HasSubstr("a class name is empty in [happy, ]"));
  EXPECT_THAT(text({"happy", " \t"}), HasSubstr("a class name is empty"));
  EXPECT_THAT(text({"happy", "sad", "happy"}), HasSubstr("'happy' stands twice"));
  EXPECT_THAT(text({"happy", "sad", "Joy"}), HasSubstr("'Joy' stands twice, or under two spellings"));
  EXPECT_THAT(text({"smirk", "SMIRK"}), HasSubstr("'SMIRK' stands twice"));
}

TEST(LabelMapTest, ADataSetsOwnWordsComeBeforeNamesAndAliases) {
  const LabelMap labels(ClassList({"happy", "sad", "neutral"}),
                        {{"6", "neutral"}, {"Contempt", "-"}, {"smile", "Joy"}, {"happy", "sad"}});
  EXPECT_EQ(labels.find("6"), 2);
  EXPECT_EQ(labels.find(" SMILE "), 0);
  EXPECT_EQ(labels.find("happy"), 1);
  EXPECT_EQ(labels.find("happiness"), 0) << "another word than the one that was given a meaning";
  EXPECT_EQ(labels.find("sadness"), 1);
  EXPECT_EQ(labels.find("contempt"), std::nullopt);
  EXPECT_TRUE(labels.leaves_out("contempt"));
  EXPECT_FALSE(labels.leaves_out("anger")) << "not known is not left out";
  EXPECT_FALSE(labels.leaves_out("happy"));
}

TEST(LabelMapTest, RefusesClassesThatAreNoneAndWordsThatStandTwice) {
  const auto text = [](std::map<std::string, std::string> words) {
    return test::error_text(ErrorKind::usage, [&] {
      return LabelMap(ClassList({"happy", "sad"}), std::move(words));
    });
  };
  EXPECT_EQ(text({{"contempt", "disgust"}}),
            "'contempt' is mapped to 'disgust', which is no class (classes: happy, sad; -: left out)");
  EXPECT_EQ(text({{"Smile", "happy"}, {"smile", "happy"}}), "'smile' is mapped twice");
}

}  // namespace
}  // namespace fer
