#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/readers.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class CsvListTest : public testing::Test {
 protected:
  CsvListTest() {
    for (const char* name : {"a.jpg", "b.jpg", "faces/c, d.jpg"}) folder_.write(name, "x");
  }

  Dataset read(const std::string& text, const LabelMap& labels = ClassList()) const {
    return read_with("csv", folder_.write("list.csv", text), labels);
  }

  /// The text of the data error, without the folder.
  std::string error(const std::string& text) const {
    std::string message = test::error_text(ErrorKind::data, [&] { return read(text); });
    const std::string prefix = folder_.path().string() + "/";
    if (message.starts_with(prefix)) message.erase(0, prefix.size());
    return message;
  }

  const test::TempFolder folder_;
};

TEST_F(CsvListTest, PathsBeginAtTheListAndRowsKeepTheirOrder) {
  const Dataset dataset = read("path,label\nb.jpg,happy\n\"faces/c, d.jpg\",Anger\na.jpg,sad\n");
  EXPECT_THAT(paths_of(dataset, folder_.path()), ElementsAre("b.jpg", "faces/c, d.jpg", "a.jpg"));
  EXPECT_EQ(dataset.classes.name(dataset.samples[1].label), "angry");
  EXPECT_THAT(dataset.rejected, IsEmpty());
}

TEST_F(CsvListTest, ASourcesOwnWordsFindTheirClassesOrAreLeftOut) {
  const Dataset dataset = read("path,label\na.jpg,3\nb.jpg,Contempt\n",
                               LabelMap(ClassList(), {{"3", "happy"}, {"contempt", "-"}}));
  ASSERT_THAT(dataset.samples, SizeIs(1));
  EXPECT_EQ(dataset.classes.name(dataset.samples[0].label), "happy");
  EXPECT_THAT(rejections_of(dataset, folder_.path()),
              ElementsAre("b.jpg: its emotion 'Contempt' is left out"));
}

TEST_F(CsvListTest, AnAbsolutePathStaysAsItIs) {
  const test::TempFolder elsewhere;
  const std::string path = elsewhere.write("e.jpg", "x");
  const Dataset dataset = read("path,label\n" + path + ",happy\n");
  ASSERT_THAT(dataset.samples, SizeIs(1));
  EXPECT_EQ(dataset.samples[0].path, path);
}

TEST_F(CsvListTest, SubjectAndSplitAreKnownAndOtherColumnsAreAttributes) {
  const Dataset dataset =
      read("Label,Sex,PATH,split,subject, Age \nhappy,F,a.jpg,Validation,p1,30\nsad,M,b.jpg,,p2,\n");
  ASSERT_THAT(dataset.samples, SizeIs(2));
  EXPECT_EQ(dataset.samples[0].subject, "p1");
  EXPECT_EQ(dataset.samples[0].split, "val");
  EXPECT_THAT(dataset.samples[0].attributes, ElementsAre(Pair("age", "30"), Pair("sex", "F")));
  EXPECT_EQ(dataset.samples[1].split, "");
  EXPECT_THAT(dataset.samples[1].attributes, ElementsAre(Pair("age", ""), Pair("sex", "M")));
}

TEST_F(CsvListTest, EverySpellingOfASplit) {
  const std::vector<std::pair<std::string, std::string>> spellings = {
      {"train", "train"},    {"Training", "train"},  {"val", "val"},   {"valid", "val"},
      {"VALIDATION", "val"}, {"PublicTest", "val"},  {"test", "test"}, {" test ", "test"},
      {"testing", "test"},   {"PrivateTest", "test"}};
  for (const auto& [word, part] : spellings) {
    EXPECT_EQ(read("path,label,split\na.jpg,happy," + word + "\n").samples.at(0).split, part) << word;
  }
}

TEST_F(CsvListTest, FilesThatAreNotThereAreListed) {
  const Dataset dataset = read(fmt::format(
      "path,label\nno.jpg,happy\na.jpg,sad\nfaces,sad\n,sad\n{}.jpg,sad\n", std::string(300, 'x')));
  EXPECT_THAT(paths_of(dataset, folder_.path()), ElementsAre("a.jpg"));
  ASSERT_THAT(dataset.rejected, SizeIs(4));
  EXPECT_EQ(dataset.rejected[0].path, (folder_.path() / "no.jpg").string());
  EXPECT_EQ(dataset.rejected[0].reason, "line 2 of the list names a file that is not there");
  EXPECT_EQ(dataset.rejected[1].reason, "line 4 of the list names a file that is not there");
}

TEST_F(CsvListTest, AnUnknownLabelIsAnErrorWithFileAndLine) {
  EXPECT_EQ(
      error("path,label\na.jpg,sad\nb.jpg,hapy\n"),
      "list.csv:3: 'hapy' is no class, did you mean 'happy'? (classes: angry, disgust, fear, happy, sad, "
      "surprise, neutral; a source's `map` gives its words a class)");
  EXPECT_EQ(error("path,label\na.jpg,\n"),
            "list.csv:2: '' is no class (classes: angry, disgust, fear, happy, sad, surprise, neutral; a "
            "source's `map` gives its words a class)");
}

TEST_F(CsvListTest, AnUnknownSplitIsAnErrorWithFileAndLine) {
  EXPECT_EQ(error("path,label,split\na.jpg,sad,trian\n"),
            "list.csv:2: 'trian' is no split (train, val, test)");
}

TEST_F(CsvListTest, ARowOfAnotherLengthIsAnErrorWithItsLine) {
  EXPECT_EQ(error("path,label\n\na.jpg,sad\nb.jpg\n"), "list.csv:4: expected 2 fields, found 1");
  EXPECT_EQ(error("path,label\nfaces/c, d.jpg,sad\n"), "list.csv:2: expected 2 fields, found 3");
}

TEST_F(CsvListTest, MissingColumnsAreAnErrorThatNamesThoseThatAreThere) {
  EXPECT_EQ(error("path,emotion\na.jpg,sad\n"),
            "list.csv:1: there is no column 'label' (found: path, emotion)");
  EXPECT_EQ(error("a.jpg,sad\n"), "list.csv:1: there is no column 'path' (found: a.jpg, sad)");
  EXPECT_EQ(error("\n"), "list.csv: is empty, expected a first line that names the columns");
  EXPECT_EQ(error("path,label\n\"a.jpg,sad\n"), "list.csv:2: a quoted field is never closed");
}

TEST_F(CsvListTest, AFolderIsNoList) {
  EXPECT_EQ(test::error_text(ErrorKind::data, [&] { return read_with("csv", folder_.path()); }),
            folder_.path().string() + ": cannot read: Is a directory");
}

/// 48 x 48 numbers with blanks between: 0, 1, … 255, 0, …, without the last `missing` and with `extra` after.
std::string pixel_text(int missing = 0, const std::string& extra = {}) {
  std::string text;
  for (int i = 0; i < 48 * 48 - missing; ++i) text += fmt::format("{}{}", i == 0 ? "" : " ", i % 256);
  return text + extra;
}

class Fer2013Test : public testing::Test {
 protected:
  Dataset read(const std::string& text, const ClassList& classes = {}) const {
    return read_with("fer2013_csv", folder_.write("fer2013.csv", text), classes);
  }
  std::string error(const std::string& text) const {
    std::string message = test::error_text(ErrorKind::data, [&] { return read(text); });
    const std::string prefix = folder_.path().string() + "/";
    if (message.starts_with(prefix)) message.erase(0, prefix.size());
    return message;
  }
  static std::string row(const std::string& emotion, const std::string& pixels, const std::string& usage) {
    return emotion + "," + pixels + "," + usage + "\n";
  }

  const test::TempFolder folder_;
  const std::string header_ = "emotion,pixels,Usage\n";
};

TEST_F(Fer2013Test, EachRowIsAnImageWithItsLabelAndSplit) {
  const Dataset dataset = read(header_ + row("0", pixel_text(), "Training") +
                               row("3", pixel_text(), "PublicTest") + row("6", pixel_text(), "PrivateTest"));
  ASSERT_THAT(dataset.samples, SizeIs(3));
  const std::vector<std::string> labels = {"angry", "happy", "neutral"};
  const std::vector<std::string> splits = {"train", "val", "test"};
  for (std::size_t i = 0; i < 3; ++i) {
    const Sample& sample = dataset.samples[i];
    EXPECT_EQ(sample.path, fmt::format("{}:{}", (folder_.path() / "fer2013.csv").string(), i + 2));
    EXPECT_EQ(dataset.classes.name(sample.label), labels[i]);
    EXPECT_EQ(sample.split, splits[i]);
    EXPECT_EQ(sample.subject, "");
    ASSERT_THAT(sample.pixels, SizeIs(48 * 48));
    EXPECT_EQ(sample.pixels[255], 255);
    EXPECT_EQ(sample.pixels[256], 0);
  }
}

TEST_F(Fer2013Test, TheColumnsMayStandInAnyOrderWithBlanksAround) {
  const Dataset dataset = read("emotion, Usage, pixels\n4,Training," + pixel_text() + "\n");
  ASSERT_THAT(dataset.samples, SizeIs(1));
  EXPECT_EQ(dataset.classes.name(dataset.samples[0].label), "sad");
}

TEST_F(Fer2013Test, NumbersMeanTheSameClassesInAnyClassList) {
  const Dataset dataset =
      read(header_ + row("3", pixel_text(), "Training") + row("5", pixel_text(), "Training"),
           ClassList({"Surprised", "Happiness"}));
  ASSERT_THAT(dataset.samples, SizeIs(2));
  EXPECT_EQ(dataset.samples[0].label, 1);
  EXPECT_EQ(dataset.samples[1].label, 0);
}

TEST_F(Fer2013Test, AClassThatIsNotWantedIsListed) {
  const Dataset dataset =
      read(header_ + row("1", pixel_text(), "Training") + row("3", pixel_text(), "Training"),
           ClassList({"happy", "sad"}));
  EXPECT_THAT(dataset.samples, SizeIs(1));
  EXPECT_THAT(rejections_of(dataset, folder_.path()),
              ElementsAre("fer2013.csv:2: its emotion 'disgust' is no class"));
}

TEST_F(Fer2013Test, PixelsThatAreNoImageAreListed) {
  const std::vector<std::string> bad = {"",
                                        "0",
                                        pixel_text(1),
                                        pixel_text(0, " 7"),
                                        pixel_text(1, " 256"),
                                        pixel_text(1, " -1"),
                                        pixel_text(1, " x"),
                                        pixel_text(1, " 1.5")};
  std::string text = header_;
  for (const std::string& pixels : bad) text += row("3", pixels, "Training");
  const Dataset dataset = read(text + row("3", pixel_text(0, " "), "Training"));
  EXPECT_THAT(dataset.samples, SizeIs(1));
  ASSERT_THAT(dataset.rejected, SizeIs(bad.size()));
  EXPECT_EQ(rejections_of(dataset, folder_.path())[0],
            "fer2013.csv:2: its pixels are not 48 x 48 numbers 0..255");
  EXPECT_EQ(rejections_of(dataset, folder_.path())[7],
            "fer2013.csv:9: its pixels are not 48 x 48 numbers 0..255");
}

TEST_F(Fer2013Test, AWrongEmotionOrUsageIsAnErrorWithFileAndLine) {
  const std::string good = row("3", pixel_text(), "Training");
  for (const std::string emotion : {"7", "-1", "happy", "", "1.0", "99999999999999999999"}) {
    EXPECT_EQ(error(header_ + good + row(emotion, pixel_text(), "Training")),
              "fer2013.csv:3: '" + emotion + "' is no emotion number (0..6)");
  }
  EXPECT_EQ(error(header_ + row("3", pixel_text(), "PubicTest")),
            "fer2013.csv:2: 'PubicTest' is no split (train, val, test)");
}

TEST_F(Fer2013Test, AMissingColumnIsAnError) {
  EXPECT_EQ(error("emotion,pixels\n3,0\n"),
            "fer2013.csv:1: there is no column 'usage' (found: emotion, pixels)");
}

}  // namespace
}  // namespace fer
