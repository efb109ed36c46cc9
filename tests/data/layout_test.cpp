#include "fer/data/layout.hpp"

#include <gmock/gmock.h>

#include "data/readers.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class LayoutTest : public testing::Test {
 protected:
  void put(const std::vector<std::string>& names) const {
    for (const std::string& name : names) folder_.write(name, "x");
  }
  Dataset read(const Layout& layout, const LabelMap& labels = ClassList()) const {
    return read_layout(folder_.path(), layout, labels);
  }
  std::vector<std::string> found(const Dataset& dataset) const { return paths_of(dataset, folder_.path()); }
  std::vector<std::string> rejected(const Dataset& dataset) const {
    return rejections_of(dataset, folder_.path());
  }
  static std::vector<std::string> labels(const Dataset& dataset) {
    std::vector<std::string> names;
    for (const Sample& sample : dataset.samples) names.push_back(dataset.classes.name(sample.label));
    return names;
  }

  const test::TempFolder folder_;
};

TEST_F(LayoutTest, ANameTellsLabelSubjectSplitAndAttributes) {
  put({"test/p1/happy_left_3.png", "train/p2/SAD_right_4.png"});
  const Dataset dataset = read(
      {.pattern = R"((?<split>[^/]+)/(?<subject>[^/]+)/(?<label>[a-z]+)_(?<pose>[a-z]+)_(?<_take>\d)\.png)",
       .ignore_case = true});
  ASSERT_THAT(labels(dataset), ElementsAre("happy", "sad"));
  EXPECT_EQ(dataset.samples[0].subject, "p1");
  EXPECT_EQ(dataset.samples[0].split, "test");
  EXPECT_THAT(dataset.samples[0].attributes, ElementsAre(Pair("pose", "left")));
  EXPECT_THAT(dataset.samples[0].shares, IsEmpty());
}

TEST_F(LayoutTest, FilesThatDoNotFitAreListedWithThePattern) {
  put({"happy1.png", "happy.png", "notes.txt"});
  const Dataset dataset = read({.pattern = R"((?<label>[a-z]+)\d\.png)"});
  EXPECT_THAT(found(dataset), ElementsAre("happy1.png"));
  EXPECT_THAT(rejected(dataset),
              ElementsAre(R"(happy.png: does not fit the layout's pattern '(?<label>[a-z]+)\d\.png')"));
}

TEST_F(LayoutTest, ValuesSayWhatTextsMeanAndFieldsAreMadeOfOthers) {
  put({"f01an.jpg", "M02HA.jpg", "F03XX.jpg"});
  const Dataset dataset = read(
      {.pattern = R"((?<sex>[FM])(?<_number>\d\d)(?<label>[A-Z]{2})\.jpg)",
       .ignore_case = true,
       .fields = {{"subject", "{sex}{_number}"}, {"country", "Japan"}},
       .values = {{"sex", {{"F", "female"}, {"M", "male"}}}, {"label", {{"AN", "angry"}, {"HA", "happy"}}}}});
  EXPECT_THAT(labels(dataset), ElementsAre("happy", "angry"));
  EXPECT_EQ(dataset.samples[1].subject, "female01");
  EXPECT_THAT(dataset.samples[1].attributes, ElementsAre(Pair("country", "Japan"), Pair("sex", "female")));
  EXPECT_THAT(rejected(dataset), ElementsAre("F03XX.jpg: its emotion 'XX' is no class"));
  EXPECT_EQ(dataset.rejected[0].unknown_class, "XX");
}

TEST_F(LayoutTest, CaseCountsWhereNothingElseIsSaid) {
  put({"an.jpg", "AN.jpg"});
  const Dataset dataset = read({.pattern = R"((?<label>AN)\.jpg)", .values = {{"label", {{"AN", "angry"}}}}});
  EXPECT_THAT(found(dataset), ElementsAre("AN.jpg"));
}

TEST_F(LayoutTest, AFieldThatLacksAPartIsMissing) {
  put({"happy.jpg", "happy_p1.jpg"});
  const Dataset dataset = read(
      {.pattern = R"((?<label>happy)(?:_(?<_person>p\d))?\.jpg)", .fields = {{"subject", "lab-{_person}"}}});
  ASSERT_THAT(dataset.samples, SizeIs(2));
  EXPECT_EQ(dataset.samples[0].subject, "");
  EXPECT_EQ(dataset.samples[1].subject, "lab-p1");
}

TEST_F(LayoutTest, LabelsAreLeftOutByTheLayoutOrByTheSource) {
  put({"1.jpg", "2.jpg", "3.jpg", "x.jpg"});
  const Layout layout{.pattern = R"((?:(?<label>\d)|x)\.jpg)",
                      .values = {{"label", {{"1", "happy"}, {"2", "contempt"}, {"3", "-"}}}}};
  const Dataset dataset = read(layout, LabelMap(ClassList(), {{"contempt", "-"}}));
  EXPECT_THAT(labels(dataset), ElementsAre("happy"));
  EXPECT_THAT(rejected(dataset), ElementsAre("2.jpg: its emotion 'contempt' is left out",
                                             "3.jpg: its label is left out by the layout",
                                             "x.jpg: does not say what its emotion is"));
  EXPECT_EQ(dataset.rejected[0].unknown_class, "");
}

TEST_F(LayoutTest, AWrongSplitIsListed) {
  put({"later/happy.jpg"});
  EXPECT_THAT(rejected(read({.pattern = R"((?<split>[a-z]+)/(?<label>happy)\.jpg)"})),
              ElementsAre("later/happy.jpg: 'later' is no split (train, val, test)"));
}

TEST_F(LayoutTest, LinesOfAListNameImages) {
  put({"img/a_1.jpg", "img/b_1.jpg"});
  folder_.write("sets/list.txt", "a 4\r\n\nb  5\nc 4\n# b\n");
  const Dataset dataset = read({.read = "lines",
                                .pattern = R"((?<_name>[a-z]) +(?<label>\d))",
                                .lists = {"sets/list.txt"},
                                .image = "img/{_name}_1.jpg",
                                .values = {{"label", {{"4", "happy"}, {"5", "sad"}}}}});
  EXPECT_THAT(found(dataset), ElementsAre("img/a_1.jpg", "img/b_1.jpg"));
  EXPECT_THAT(labels(dataset), ElementsAre("happy", "sad"));
  const std::string list = (folder_.path() / "sets/list.txt").string();
  EXPECT_THAT(
      rejected(dataset),
      ElementsAre("img/c_1.jpg: " + list + ":4 names a file that is not there",
                  R"(sets/list.txt:5: does not fit the layout's pattern '(?<_name>[a-z]) +(?<label>\d)')"));
}

TEST_F(LayoutTest, RowsOfTablesNameImagesAndTheListMayTellThePart) {
  put({"img/1/a.jpg", "img/b.jpg"});
  folder_.write("training.csv", "File,x,Expression\n1/a.jpg,9,1\n");
  folder_.write("validation.csv", "File,x,Expression\nb.jpg,9, 2 \n");
  const Dataset dataset = read({.read = "table",
                                .lists = {"training.csv", "validation.csv"},
                                .columns = {{"_file", "FILE"}, {"label", "expression"}},
                                .image = "img/{_file}",
                                .fields = {{"split", "{_list}"}},
                                .values = {{"label", {{"1", "happy"}, {"2", "sad"}}}}});
  EXPECT_THAT(labels(dataset), ElementsAre("happy", "sad"));
  EXPECT_EQ(dataset.samples[0].split, "train");
  EXPECT_EQ(dataset.samples[1].split, "val");
  EXPECT_THAT(dataset.samples[0].attributes, IsEmpty());
}

TEST_F(LayoutTest, AListWithoutAColumnIsAnError) {
  folder_.write("list.csv", "file,expression\n");
  const Layout layout{
      .read = "table", .lists = {"list.csv"}, .columns = {{"label", "emotion"}}, .image = "a.jpg"};
  EXPECT_EQ(
      test::error_text(ErrorKind::data, [&] { read(layout); }),
      (folder_.path() / "list.csv").string() + ":1: there is no column 'emotion' (found: file, expression)");
}

TEST_F(LayoutTest, ALabelMayLieInAFileOfItsOwn) {
  put({"img/p1/1/a.png", "img/p1/2/a.png", "img/p1/3/a.png"});
  folder_.write("txt/p1/1/x_emotion.txt", "   3.0000000e+00\n");
  folder_.write("txt/p1/3/x_emotion.txt", "happy");
  folder_.write("txt/p1/3/y_emotion.txt", "happy");
  const Dataset dataset = read({.pattern = R"((?<subject>p\d)/(?<_clip>\d)/a\.png)",
                                .label_file = "txt/{subject}/{_clip}/*_emotion.txt",
                                .values = {{"label", {{"3", "disgust"}}}}});
  EXPECT_THAT(found(dataset), ElementsAre("img/p1/1/a.png"));
  EXPECT_THAT(labels(dataset), ElementsAre("disgust"));
  EXPECT_THAT(rejected(dataset),
              ElementsAre("img/p1/2/a.png: there is no label file txt/p1/2/*_emotion.txt",
                          "img/p1/3/a.png: there are several label files txt/p1/3/*_emotion.txt"));
}

class SequenceTest : public LayoutTest {
 protected:
  Dataset read_sequences(std::size_t first, std::size_t last) const {
    return read({.pattern = R"((?<label>[a-z]+)/(?<_clip>\w)/\d\.png)",
                 .sequence = {.by = {"label", "_clip"}, .last = last, .first = first}});
  }
};

TEST_F(SequenceTest, TheLastImagesShowItsLabelAndTheFirstOnesAnother) {
  put({"happy/a/1.png", "happy/a/2.png", "happy/a/3.png", "happy/a/4.png", "sad/a/1.png", "sad/a/2.png"});
  const Dataset dataset = read_sequences(1, 2);
  EXPECT_THAT(found(dataset),
              ElementsAre("happy/a/1.png", "happy/a/3.png", "happy/a/4.png", "sad/a/1.png", "sad/a/2.png"));
  EXPECT_THAT(labels(dataset), ElementsAre("neutral", "happy", "happy", "sad", "sad"));
  EXPECT_THAT(dataset.rejected, IsEmpty());
}

TEST_F(SequenceTest, WithoutALastNumberAllButTheFirstOnesShowIt) {
  put({"happy/a/1.png", "happy/a/2.png", "happy/a/3.png", "happy/b/1.png"});
  EXPECT_THAT(labels(read_sequences(1, 0)), ElementsAre("neutral", "happy", "happy", "neutral"));
  EXPECT_THAT(labels(read_sequences(0, 0)), ElementsAre("happy", "happy", "happy", "happy"));
  EXPECT_THAT(found(read_sequences(0, 1)), ElementsAre("happy/a/3.png", "happy/b/1.png"));
}

class VoteTableTest : public LayoutTest {
 protected:
  static std::string pixels(int level) {
    std::string text;
    for (int i = 0; i < 48 * 48; ++i) text += std::to_string(level) + " ";
    return text;
  }
  Layout layout() const {
    return {.read = "table",
            .lists = {"votes.csv"},
            .columns = {{"split", "usage"}},
            .pixels = "fer2013.csv",
            .votes = {.columns = {"happiness", "sadness"}, .others = {"NF"}}};
  }
};

TEST_F(VoteTableTest, RowsMeetTheirPixelsAndVotesBecomeShares) {
  folder_.write("votes.csv",
                "Usage,Happiness,Sadness,NF\nTraining,1,3,2\nPublicTest,0,0,10\nPrivateTest,2,0,0\n");
  folder_.write("fer2013.csv", "emotion,pixels,Usage\n0," + pixels(7) + ",Training\n0," + pixels(8) +
                                   ",Training\n0,1 2 3,Training\n");
  const Dataset dataset = read(layout());
  ASSERT_THAT(dataset.samples, SizeIs(1));
  const Sample& sample = dataset.samples[0];
  EXPECT_EQ(sample.path, (folder_.path() / "votes.csv").string() + ":2");
  EXPECT_EQ(sample.split, "train");
  ASSERT_THAT(sample.pixels, SizeIs(48 * 48));
  EXPECT_EQ(sample.pixels[100], 7);
  EXPECT_THAT(labels(dataset), ElementsAre("sad"));
  EXPECT_THAT(sample.shares, ElementsAre(0, 0, 0, 0.25F, 0.75F, 0, 0));
  EXPECT_THAT(rejected(dataset), ElementsAre("votes.csv:3: most votes are for 'NF'",
                                             "votes.csv:4: its pixels are not 48 x 48 numbers 0..255"));
}

TEST_F(VoteTableTest, TablesOfAnotherLengthDoNotBelongTogether) {
  folder_.write("votes.csv", "usage,happiness,sadness,nf\nTraining,1,3,2\n");
  folder_.write("fer2013.csv", "pixels\n1\n2\n");
  EXPECT_THAT(test::error_text(ErrorKind::data, [&] { read(layout()); }),
              testing::HasSubstr("has 2 rows, and"));
}

TEST_F(VoteTableTest, WhatIsNoNumberOfVotesIsAnErrorWithItsLine) {
  folder_.write("votes.csv", "usage,happiness,sadness,nf\nTraining,1,-3,2\n");
  folder_.write("fer2013.csv", "pixels\n1\n");
  EXPECT_EQ(test::error_text(ErrorKind::data, [&] { read(layout()); }),
            (folder_.path() / "votes.csv").string() + ":2: '-3' is no number of votes");
}

TEST(LayoutSource, IsReadInPlaceOfAKind) {
  const test::TempFolder folder;
  folder.write("happy.png", "x");
  folder.write("sad.png", "x");
  const DatasetSource source{
      .kind = "layout", .root = folder.path(), .layout = Layout{.pattern = R"((?<label>\w+)\.png)"}};
  EXPECT_THAT(read_dataset({{source}}, ClassList({"happy", "sad"})).samples, SizeIs(2));
  const DatasetSource other{
      .kind = "layout", .root = folder.path(), .layout = Layout{.pattern = R"((?<label>\d+)\.png)"}};
  EXPECT_THAT(
      test::error_text(ErrorKind::data,
                       [&] {
                         read_dataset({{other}}, ClassList({"happy", "sad"}));
                       }),
      testing::HasSubstr("holds no sample of kind 'layout' (images named as its layout says); 2 files "
                         "were rejected"));
}

}  // namespace
}  // namespace fer
