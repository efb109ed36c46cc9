#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "data/readers.hpp"
#include "fer/core/text.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr char kOutside[] = "the name is outside KDEF's grammar, such as AF01ANS.JPG";

TEST(KdefNameTest, EveryNameOfTheGrammarIsRead) {
  const std::map<std::string, std::string> emotions = {
      {"AF", "fear"},    {"AN", "angry"}, {"DI", "disgust"}, {"HA", "happy"},
      {"NE", "neutral"}, {"SA", "sad"},   {"SU", "surprise"}};
  std::set<std::string> subjects;
  int names = 0;
  for (const char session : {'A', 'B'}) {
    for (const char sex : {'F', 'M'}) {
      for (int number = 1; number <= 35; ++number) {
        for (const auto& [code, emotion] : emotions) {
          for (const std::string angle : {"S", "HL", "HR", "FL", "FR"}) {
            const std::string text = fmt::format("{}{}{:02}{}{}.JPG", session, sex, number, code, angle);
            const auto name = parse_kdef_name(text);
            ASSERT_TRUE(name) << text;
            EXPECT_EQ(name->session, session) << text;
            EXPECT_EQ(name->sex, sex) << text;
            EXPECT_EQ(name->number, fmt::format("{:02}", number)) << text;
            EXPECT_EQ(name->emotion, emotion) << text;
            EXPECT_EQ(name->angle, angle) << text;
            EXPECT_EQ(name->subject(), fmt::format("{}{:02}", sex, number)) << text;
            subjects.insert(name->subject());
            ++names;
          }
        }
      }
    }
  }
  EXPECT_EQ(names, 4900);
  EXPECT_EQ(subjects.size(), 70U);
}

TEST(KdefNameTest, CaseIsIgnored) {
  for (const char* text : {"bm07suhr.jpg", "Bm07SuHr.Jpg", "BM07SUHR.jpg"}) {
    const auto name = parse_kdef_name(text);
    ASSERT_TRUE(name) << text;
    EXPECT_EQ(name->session, 'B');
    EXPECT_EQ(name->sex, 'M');
    EXPECT_EQ(name->angle, "HR");
    EXPECT_EQ(name->subject(), "M07");
  }
}

TEST(KdefNameTest, BothSessionsOfAPersonAreOneSubject) {
  EXPECT_EQ(parse_kdef_name("AF01ANS.JPG")->subject(), parse_kdef_name("BF01HAHL.JPG")->subject());
  EXPECT_NE(parse_kdef_name("AF01ANS.JPG")->subject(), parse_kdef_name("AM01ANS.JPG")->subject());
}

TEST(KdefNameTest, NearMissesAreNoNames) {
  const std::string_view texts =
      "|.JPG|AF36ANS.JPG|AF00ANS.JPG|AF99ANS.JPG|AF-1ANS.JPG|AF+1ANS.JPG|AF 1ANS.JPG|AF1ANS.JPG|"
      "AF001ANS.JPG|AFO1ANS.JPG|AF01ANX.JPG|AF01AN.JPG|AF01ANSL.JPG|AF01ANH.JPG|AF01ANLH.JPG|"
      "AF01ANSS.JPG|AF01ANHLX.JPG|AF01ANS.jpeg|AF01ANS.png|AF01ANS|AF01ANS.JPG | AF01ANS.JPG|"
      "AF01ANS.JPG.JPG|AF01ANS.JPG~|AF01ANS JPG|AF01ANSJPG|AG01ANS.JPG|CF01ANS.JPG|FA01ANS.JPG|"
      "AF01XXS.JPG|AF01NAS.JPG|AF01COS.JPG|AF01 ANS.JPG|AF01ANS (1).JPG|copyAF01ANS.JPG|._AF01ANS.JPG|"
      "AF31V.JPG|AF01/AF01ANS.JPG";
  for (const std::string& text : split(texts, '|')) EXPECT_FALSE(parse_kdef_name(text)) << "'" << text << "'";
}

TEST(KdefReaderTest, ReadsAFolderPerSubject) {
  const test::TempFolder root;
  root.write("AF01/AF01ANS.JPG", "x");
  root.write("AF01/AF01HAHL.JPG", "x");
  root.write("BF01/BF01ANS.JPG", "x");
  root.write("BM20/BM20NEFR.JPG", "x");
  const Dataset dataset = read_with("kdef", root.path());
  EXPECT_THAT(dataset.rejected, IsEmpty());
  ASSERT_THAT(paths_of(dataset, root.path()),
              ElementsAre("AF01/AF01ANS.JPG", "AF01/AF01HAHL.JPG", "BF01/BF01ANS.JPG", "BM20/BM20NEFR.JPG"));
  const Sample& sample = dataset.samples[3];
  EXPECT_EQ(dataset.classes.name(sample.label), "neutral");
  EXPECT_EQ(sample.subject, "M20");
  EXPECT_EQ(sample.split, "");
  EXPECT_THAT(sample.attributes, ElementsAre(Pair("angle", "FR"), Pair("session", "B"), Pair("sex", "M")));
  EXPECT_THAT(sample.pixels, IsEmpty());
  EXPECT_EQ(dataset.samples[0].subject, dataset.samples[2].subject);
}

TEST(KdefReaderTest, ReadsAFlatFolderInAnyCase) {
  const test::TempFolder root;
  root.write("bm20nefr.jpg", "x");
  root.write("AF01ANS.JPG", "x");
  root.write("Am02SuHr.Jpg", "x");
  const Dataset dataset = read_with("kdef", root.path());
  EXPECT_THAT(paths_of(dataset, root.path()), ElementsAre("AF01ANS.JPG", "Am02SuHr.Jpg", "bm20nefr.jpg"));
  EXPECT_EQ(dataset.samples[1].subject, "M02");
}

TEST(KdefReaderTest, TheLabelIsThePlaceInTheClassListWhateverItsWordsAre) {
  const test::TempFolder root;
  root.write("AF01AFS.JPG", "x");
  root.write("AF01HAS.JPG", "x");
  const Dataset dataset = read_with("kdef", root.path(), ClassList({"Happiness", "Afraid"}));
  ASSERT_THAT(dataset.samples, SizeIs(2));
  EXPECT_EQ(dataset.samples[0].label, 1);
  EXPECT_EQ(dataset.samples[1].label, 0);
}

TEST(KdefReaderTest, NamesOutsideTheGrammarAreListed) {
  const test::TempFolder root;
  root.write("AF01ANS.JPG", "x");
  root.write("AF01ANX.JPG", "x");
  root.write("AF36ANS.JPG", "x");
  root.write("AF01ANS.png", "x");
  root.write("people/AF01ANS.jpeg", "x");
  const Dataset dataset = read_with("kdef", root.path());
  EXPECT_THAT(paths_of(dataset, root.path()), ElementsAre("AF01ANS.JPG"));
  const std::string outside = std::string(": ") + kOutside;
  EXPECT_THAT(rejections_of(dataset, root.path()),
              ElementsAre("AF01ANS.png" + outside, "AF01ANX.JPG" + outside, "AF36ANS.JPG" + outside,
                          "people/AF01ANS.jpeg" + outside));
}

TEST(KdefReaderTest, FilesThatAreNoImagesAndHiddenOnesAreNoSamplesAtAll) {
  const test::TempFolder root;
  root.write("AF01ANS.JPG", "x");
  root.write("README.txt", "x");
  root.write("Thumbs.db", "x");
  root.write("._AF01HAS.JPG", "x");
  root.write(".trash/AF01SAS.JPG", "x");
  std::filesystem::create_directory(root.path() / "AF02ANS.JPG");
  const Dataset dataset = read_with("kdef", root.path());
  EXPECT_THAT(paths_of(dataset, root.path()), ElementsAre("AF01ANS.JPG"));
  EXPECT_THAT(dataset.rejected, IsEmpty());
}

TEST(KdefReaderTest, ASecondFileOfANameIsListed) {
  const test::TempFolder root;
  root.write("AF01/AF01ANS.JPG", "x");
  root.write("backup/af01ans.jpg", "x");
  const Dataset dataset = read_with("kdef", root.path());
  EXPECT_THAT(paths_of(dataset, root.path()), ElementsAre("AF01/AF01ANS.JPG"));
  EXPECT_THAT(rejections_of(dataset, root.path()),
              ElementsAre("backup/af01ans.jpg: a second file of this name"));
}

TEST(KdefReaderTest, AClassThatIsNotWantedIsListed) {
  const test::TempFolder root;
  root.write("AF01DIS.JPG", "x");
  root.write("AF01HAS.JPG", "x");
  const Dataset dataset = read_with("kdef", root.path(), ClassList({"happy", "sad"}));
  EXPECT_THAT(paths_of(dataset, root.path()), ElementsAre("AF01HAS.JPG"));
  EXPECT_THAT(rejections_of(dataset, root.path()),
              ElementsAre("AF01DIS.JPG: its emotion 'disgust' is no class"));
}

TEST(KdefReaderTest, FollowsLinksToFolders) {
  const test::TempFolder elsewhere;
  elsewhere.write("AF01ANS.JPG", "x");
  const test::TempFolder root;
  std::filesystem::create_directory_symlink(elsewhere.path(), root.path() / "AF01");
  EXPECT_THAT(paths_of(read_with("kdef", root.path()), root.path()), ElementsAre("AF01/AF01ANS.JPG"));
}

TEST(KdefReaderTest, ALinkThatLeadsBackIsADataError) {
  const test::TempFolder root;
  root.write("AF01/AF01ANS.JPG", "x");
  std::filesystem::create_directory_symlink(root.path(), root.path() / "AF01/again");
  EXPECT_THAT(test::error_text(ErrorKind::data, [&] { return read_with("kdef", root.path()); }),
              testing::HasSubstr("Too many levels of symbolic links"));
}

TEST(KdefReaderTest, AFileIsNoFolder) {
  const test::TempFolder root;
  const std::string file = root.write("AF01ANS.JPG", "x");
  EXPECT_EQ(test::error_text(ErrorKind::data, [&] { return read_with("kdef", file); }),
            file + ": is no folder");
}

}  // namespace
}  // namespace fer
