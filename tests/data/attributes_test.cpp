#include "fer/data/attributes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/readers.hpp"
#include "support/error_text.hpp"
#include "support/images.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Dataset read_all(const std::vector<DatasetSource>& sources) { return read_dataset(sources, kHappySad); }

Dataset with_ages(const std::vector<std::string>& ages) {
  Dataset dataset;
  for (const std::string& age : ages) {
    Sample& sample = dataset.samples.emplace_back();
    sample.path = fmt::format("{}.jpg", dataset.samples.size());
    sample.source = "lab";
    sample.attributes = {{"age", age}};
  }
  return dataset;
}

std::vector<std::string> values(const Dataset& dataset, const std::string& name) {
  std::vector<std::string> all;
  for (const Sample& sample : dataset.samples) all.push_back(attribute_of(sample, name));
  return all;
}

TEST(BinAttributesTest, ALimitBelongsToTheRangeItBegins) {
  Dataset dataset = with_ages({"17.9", "18", "29", "30", "60", "", "-3"});
  bin_attributes(dataset, {{"age", {18, 30, 60}}});
  EXPECT_THAT(values(dataset, "age"), ElementsAre("<18", "18-30", "18-30", "30-60", "60+", "", "<18"));
}

TEST(BinAttributesTest, WhatIsNoNumberOrNoAttributeIsAnError) {
  Dataset dataset = with_ages({"20", "young"});
  EXPECT_EQ(test::error_text(ErrorKind::data,
                             [&] {
                               return bin_attributes(dataset, {{"age", {18}}}), 0;
                             }),
            "2.jpg: its age 'young' is no number, which data.bins needs");
  EXPECT_EQ(test::error_text(ErrorKind::usage,
                             [&] {
                               return bin_attributes(dataset, {{"ages", {18}}}), 0;
                             }),
            "data.bins: no sample has an attribute 'ages', did you mean 'age'? (known: age, source)");
}

TEST(AttributeOfTest, SourceAndSubjectAreAttributesOfEverySample) {
  Dataset dataset = with_ages({"20", "30"});
  dataset.samples[1].subject = "F01";
  EXPECT_THAT(values(dataset, "source"), ElementsAre("lab", "lab"));
  EXPECT_THAT(values(dataset, "subject"), ElementsAre("", "F01"));
  EXPECT_THAT(attribute_values(dataset, "subject"), ElementsAre("F01"));
  EXPECT_FALSE(has_several_sources(dataset));
  dataset.samples[1].source = "wild";
  EXPECT_TRUE(has_several_sources(dataset));
  keep_only(dataset, {{"source", {"wild"}}});
  EXPECT_THAT(values(dataset, "age"), ElementsAre("30"));
}

TEST(SourceNamesTest, AreTheKindsNumberedWhereTheyAreTaken) {
  const std::vector<DatasetSource> sources = {{.kind = "folder"},
                                              {.kind = "folder"},
                                              {.kind = "kdef"},
                                              {.kind = "csv", .name = "folder-2"},
                                              {.kind = "kdef", .name = "lab"}};
  EXPECT_THAT(source_names(sources), ElementsAre("folder", "folder-3", "kdef", "folder-2", "lab"));
}

/// Two people in KDEF's names, and a folder of which nothing is known.
class SourcesTest : public testing::Test {
 protected:
  SourcesTest() {
    for (const char* name : {"AF01HAS", "BF01SAS", "AM02HAS", "AM02SAS"}) root_.write(path(name), "x");
    root_.write("wild/happy/a.jpg", "x");
    root_.write("wild/sad/b.jpg", "x");
  }

  static std::string path(const std::string& name) { return "kdef/" + name + ".JPG"; }

  Dataset read(const std::string& table) {
    return read_all(
        {{.kind = "kdef", .root = root_.path() / "kdef", .attributes = root_.write("a.csv", table)}});
  }

  Dataset read_wild(const std::string& table) {
    return read_all(
        {{.kind = "folder", .root = root_.path() / "wild", .attributes = root_.write("a.csv", table)}});
  }

  std::string refused(const std::string& table) {
    const std::string text = test::error_text(ErrorKind::data, [&] { return read(table); });
    const std::string prefix = (root_.path() / "a.csv").string();
    EXPECT_THAT(text, StartsWith(prefix));
    return text.substr(prefix.size());
  }

  const test::TempFolder root_;
};

TEST_F(SourcesTest, EverySampleKnowsWhichItComesFrom) {
  const Dataset dataset = read_all({{.kind = "kdef", .root = root_.path() / "kdef", .name = "lab"},
                                    {.kind = "folder", .root = root_.path() / "wild"}});
  EXPECT_THAT(values(dataset, "source"), ElementsAre("lab", "lab", "lab", "lab", "folder", "folder"));
}

TEST_F(SourcesTest, WithPeopleOfItsOwnNamesAreThoseOfTheSource) {
  root_.write("list.csv", "path,label,subject\nwild/happy/a.jpg,happy,BF01\nwild/sad/b.jpg,sad,\n");
  const Dataset dataset = read_all({{.kind = "kdef", .root = root_.path() / "kdef"},
                                    {.kind = "csv", .root = root_.path() / "list.csv", .own_people = true}});
  EXPECT_THAT(values(dataset, "subject"), ElementsAre("F01", "M02", "M02", "F01", "csv:F01", ""));
}

TEST_F(SourcesTest, ATableBySubjectGivesBothSessionsOfAPersonItsAttributes) {
  const Dataset dataset = read("Subject,Ethnicity,age\nAF01,asian,31\nM02, white ,\n");
  EXPECT_THAT(values(dataset, "ethnicity"), ElementsAre("asian", "white", "white", "asian"));
  EXPECT_THAT(values(dataset, "age"), ElementsAre("31", "", "", "31"));
  EXPECT_THAT(values(dataset, "session"), ElementsAre("A", "A", "A", "B"));
  EXPECT_THAT(dataset.warnings, IsEmpty());
}

TEST_F(SourcesTest, ATableByPathMaySayWhoItIs) {
  const Dataset dataset = read_wild("path,subject,ethnicity\nhappy/a.jpg,p1,black\nsad/b.jpg,p2,asian\n");
  EXPECT_THAT(values(dataset, "subject"), ElementsAre("p1", "p2"));
  EXPECT_THAT(values(dataset, "ethnicity"), ElementsAre("black", "asian"));
  EXPECT_FALSE(dataset.samples[0].attributes.contains("subject"));
}

TEST_F(SourcesTest, RowsAboutNobodyAndSamplesWithoutARowAreCounted) {
  const Dataset dataset = read("subject,age\nF01,31\nF30,40\nF31,41\n");
  ASSERT_EQ(dataset.warnings.size(), 2U);
  EXPECT_THAT(dataset.warnings[0],
              HasSubstr("a.csv: 2 of 3 rows are about no subject of the data: F30, F31"));
  EXPECT_THAT(dataset.warnings[1],
              HasSubstr("a.csv: 2 of 4 images, of 1 people, have no row in it, the first: "));
  EXPECT_THAT(dataset.warnings[1], HasSubstr("AM02HAS.JPG"));
}

TEST_F(SourcesTest, WhatDoesNotFitIsRefusedWithItsLine) {
  EXPECT_THAT(refused("person,age\nF01,31\n"), StartsWith(":1: a column 'path' or 'subject' was expected"));
  EXPECT_EQ(refused("subject\nF01\n"), ":1: has no column beside 'subject'");
  EXPECT_EQ(refused("subject,source\nF01,x\n"),
            ":1: 'source' cannot be an attribute: rename the column or leave it out");
  EXPECT_EQ(refused("subject,age\nAF01,31\nF01,32\n"), ":3: F01 is named in line 2 already");
  EXPECT_THAT(
      refused("subject,sex\nF01,female\n"),
      AllOf(StartsWith(":2: the sex of "), HasSubstr("is 'female' here and 'F' in the data set itself")));
  EXPECT_THAT(refused("subject,age\n7,31\n"), StartsWith(": none of its 1 rows names a subject of the data"));
  EXPECT_THAT(refused("path,age\nnot-there.jpg,31\n"),
              StartsWith(": none of its 1 rows names a file of the data"));
}

TEST_F(SourcesTest, AListsOwnColumnMayNotBeCalledSource) {
  root_.write("one.jpg", "x");
  const auto list = root_.write("list.csv", "path,label,source\none.jpg,happy,lab\n");
  EXPECT_THAT(test::error_text(ErrorKind::data, [&] { return read_all({{.kind = "csv", .root = list}}); }),
              HasSubstr("list.csv: has an attribute 'source', which is what each of data.sources is called"));
}

TEST_F(SourcesTest, NumbersAreWordsForClassesToo) {
  root_.write("one.jpg", "x");
  const auto list = root_.write("list.csv", "path,label\none.jpg,3\nwild/sad/b.jpg,4\n");
  const Dataset dataset = read_all({{.kind = "csv", .root = list, .words = {{"3", "happy"}, {"4", "sad"}}}});
  EXPECT_EQ(dataset.samples[0].label, 0);
  EXPECT_EQ(dataset.samples[1].label, 1);
}

}  // namespace
}  // namespace fer
