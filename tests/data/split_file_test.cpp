#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fer/data/split.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using testing::ElementsAre;

/// Four images in two folders of which each has an "a.jpg".
class SplitFileTest : public testing::Test {
 protected:
  SplitFileTest() {
    for (const char* path : {"/data/train/happy/a.jpg", "/data/train/happy/b.jpg", "/data/val/happy/a.jpg",
                             "/data/val/sad/c.jpg"}) {
      dataset_.samples.emplace_back().path = path;
    }
  }

  Split split(const std::string& text, int fold = 1) const {
    return split_samples(dataset_, options(text, fold));
  }
  SplitOptions options(const std::string& text, int fold = 1) const {
    return {.method = "file", .val = 0.4, .fold = fold, .file = folder_.write("split.csv", text)};
  }
  std::string error(const std::string& text, ErrorKind kind = ErrorKind::data, int fold = 1) const {
    const std::string whole = test::error_text(kind, [&] { return split(text, fold); });
    const std::string path = (folder_.path() / "split.csv").string();
    const auto at = whole.find(path);
    return at == std::string::npos ? whole : whole.substr(0, at) + "FILE" + whole.substr(at + path.size());
  }

  test::TempFolder folder_;
  Dataset dataset_;
};

TEST_F(SplitFileTest, SaysThePartOfEachImageAndTheOthersAreUnused) {
  const Split read = split(
      "path,label,split\n/data/val/happy/a.jpg,happy,test\n/data/train/happy/a.jpg,happy,Training\n"
      "/data/train/happy/b.jpg,happy,validation\n");
  EXPECT_THAT(read.parts, ElementsAre(Part::train, Part::val, Part::test, Part::unused));
  EXPECT_EQ(read.not_in_file, 1U);
  EXPECT_EQ(read.method, "file");
  EXPECT_THAT(read.folds, testing::IsEmpty());
}

TEST_F(SplitFileTest, NamesImagesByEndingsOfTheirPaths) {
  const Split read =
      split("split,path\ntrain,train/happy/a.jpg\nval,b.jpg\nunused,val/happy/a.jpg\ntest,sad/c.jpg\n");
  EXPECT_THAT(read.parts, ElementsAre(Part::train, Part::val, Part::unused, Part::test));
  EXPECT_EQ(read.not_in_file, 0U);
}

TEST_F(SplitFileTest, OfAnotherMachineIsUnderstoodWithoutTheFoldersItsPathsShare) {
  const Split read = split(
      "path,split\n/home/x/fer/train/happy/a.jpg,train\n/home/x/fer/train/happy/b.jpg,train\n"
      "/home/x/fer/val/happy/a.jpg,val\n/home/x/fer/val/sad/c.jpg,val\n");
  EXPECT_THAT(read.parts, ElementsAre(Part::train, Part::train, Part::val, Part::val));
}

TEST_F(SplitFileTest, AnEndingThatBeginsInsideANameIsNone) {
  EXPECT_EQ(error("path,split\nappy/a.jpg,train\nb.jpg,val\n"),
            "FILE: names 1 images that are not in the data: appy/a.jpg");
}

TEST_F(SplitFileTest, ImagesThatAreNotInTheDataAreCountedAndTheFirstNamed) {
  EXPECT_EQ(error("path,split\nx.jpg,train\nb.jpg,val\ny.jpg,train\nz.jpg,val\nw.jpg,val\n"),
            "FILE: names 4 images that are not in the data: x.jpg, y.jpg, z.jpg, …");
}

TEST_F(SplitFileTest, ImagesThatWereRejectedOrLeftOutMayBeNamed) {
  dataset_.rejected.push_back({.path = "/data/broken.jpg", .reason = "cut off"});
  dataset_.left_out = {"/data/side.jpg"};
  const Split read =
      split("path,split\nbroken.jpg,train\nside.jpg,val\ntrain/happy/a.jpg,train\nb.jpg,val\n");
  EXPECT_THAT(read.parts, ElementsAre(Part::train, Part::val, Part::unused, Part::unused));
}

TEST_F(SplitFileTest, APathThatFitsSeveralImagesIsADataError) {
  EXPECT_EQ(error("path,split\nb.jpg,val\na.jpg,train\n"),
            "FILE:3: a.jpg could be several images of the data; name more of the folders it lies in");
}

TEST_F(SplitFileTest, AnImageNamedTwiceIsADataError) {
  EXPECT_EQ(error("path,split\nb.jpg,val\nhappy/b.jpg,train\n"),
            "FILE:3: happy/b.jpg is named in line 2 already");
}

TEST_F(SplitFileTest, WordsThatAreNoPartAndNumbersThatAreNoFoldAreDataErrors) {
  EXPECT_EQ(error("path,split\nb.jpg,dev\n"), "FILE:2: 'dev' is no part (train, val, test, unused)");
  EXPECT_EQ(error("path,split\nb.jpg,val\nc.jpg,\n"), "FILE:3: '' is no part (train, val, test, unused)");
  for (const std::string fold : {"one", "-1", "1.5", "99999999999"}) {
    EXPECT_EQ(error("path,fold\nb.jpg," + fold + "\n"),
              "FILE:2: '" + fold + "' is no fold (1, 2, …; nothing or 0: in none)");
  }
}

TEST_F(SplitFileTest, ThatSaysNeitherPartsNorFoldsIsADataError) {
  EXPECT_EQ(
      error("path,label\nb.jpg,happy\n"),
      "FILE: says neither parts nor folds (a column 'split' or 'fold' was expected, found: path, label)");
  EXPECT_THAT(error("image,split\nb.jpg,val\n"), testing::HasSubstr("path"));
}

TEST_F(SplitFileTest, ThatIsMissingIsADataError) {
  EXPECT_THAT(test::error_text(ErrorKind::data,
                               [&] { return split_samples(dataset_, {.method = "file", .file = "no.csv"}); }),
              testing::HasSubstr("no.csv"));
}

class FoldFileTest : public SplitFileTest {
 protected:
  FoldFileTest() {
    dataset_.samples.clear();
    for (int i = 0; i < 40; ++i) {
      Sample& sample = dataset_.samples.emplace_back();
      sample.path = fmt::format("/data/{:02}.jpg", i);
      sample.label = i % 2;
      sample.subject = fmt::format("p{}", i / 2);
    }
  }

  /// Folds 1 to 4, ten images each; the last image is in none.
  std::string folds(const std::string& split_column = "") const {
    std::string text = "path,fold" + split_column + "\n";
    for (int i = 0; i < 40; ++i)
      text += fmt::format("{:02}.jpg,{}{}\n", i, i == 39 ? "" : std::to_string(i / 10 + 1),
                          split_column.empty() ? "" : ",");
    return text;
  }
};

TEST_F(FoldFileTest, TheFoldIsTheTestPartAndValidationIsDrawnFromTheOtherSubjects) {
  for (const std::string column : {"", ",split"}) {
    const Split read = split(folds(column), 3);
    EXPECT_EQ(read.fold, 3);
    EXPECT_EQ(indices_of(read.parts, Part::test).size(), 10U);
    EXPECT_EQ(indices_of(read.parts, Part::test).front(), 20U);
    EXPECT_THAT(indices_of(read.parts, Part::unused), ElementsAre(39));
    EXPECT_NEAR(static_cast<double>(indices_of(read.parts, Part::val).size()), 0.4 * 29, 1);
    EXPECT_THAT(shared_subjects(dataset_, read.parts), testing::IsEmpty());
  }
  EXPECT_EQ(std::ranges::max(assign_folds(dataset_, options(folds()))), 4);
}

TEST_F(FoldFileTest, ValidationIsDrawnWithinEachClassWhereSubjectsAreNotKnown) {
  for (Sample& sample : dataset_.samples) sample.subject.clear();
  const Split read = split(folds(), 1);
  int of_first_class = 0;
  for (const std::size_t i : indices_of(read.parts, Part::val)) of_first_class += i % 2 == 0;
  EXPECT_EQ(indices_of(read.parts, Part::val).size(), 12U);
  EXPECT_EQ(of_first_class, 6);
}

TEST_F(FoldFileTest, AFoldThatIsNotThereIsAUsageError) {
  EXPECT_EQ(error(folds(), ErrorKind::usage, 5), "data.split.fold: there is no fold 5; they go from 1 to 4");
  EXPECT_EQ(error(folds(), ErrorKind::usage, 0),
            "data.split.fold: 0 stands for all folds, one after the other; name one from 1 to 4");
  const SplitOptions parts_only = options("path,split\n00.jpg,train\n01.jpg,val\n");
  EXPECT_THAT(test::error_text(ErrorKind::usage, [&] { return assign_folds(dataset_, parts_only); }),
              testing::EndsWith("split.csv has no column 'fold'"));
}

TEST_F(FoldFileTest, WhatWasWrittenGivesTheSameSplitAgain) {
  const Split made = split_samples(dataset_, {.method = "kfold", .val = 0.2, .folds = 4, .fold = 2});
  const Split whole = split(split_csv(dataset_, made.parts, made.folds));
  EXPECT_EQ(whole.parts, made.parts);
  EXPECT_EQ(whole.folds, made.folds);
  EXPECT_EQ(whole.fold, 2);
  SplitOptions by_fold = options(split_csv(dataset_, {}, made.folds), 2);
  by_fold.val = 0.2;
  EXPECT_EQ(split_samples(dataset_, by_fold).parts, made.parts);
}

}  // namespace
}  // namespace fer
