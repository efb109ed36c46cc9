#include "fer/data/suspects.hpp"

#include <gmock/gmock.h>

#include "fer/core/files.hpp"
#include "fer/data/protocol.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

/// Four happy and sad images: three to train on, one to validate with.
class DropSuspects : public testing::Test {
 protected:
  DropSuspects() {
    dataset_.classes = ClassList({"happy", "sad"});
    for (const char* path :
         {"/data/train/a.jpg", "/data/train/b.jpg", "/data/train/c.jpg", "/data/val/a.jpg"})
      dataset_.samples.emplace_back().path = path;
    dataset_.samples[1].label = 1;
  }

  DroppedSuspects drop(const std::string& text, double share = 1) {
    parts_ = {Part::train, Part::train, Part::train, Part::val};
    return drop_suspects(dataset_, folder_.write("suspects.csv", text), share, parts_);
  }

  test::TempFolder folder_;
  Dataset dataset_;
  std::vector<Part> parts_;
};

TEST_F(DropSuspects, ListedSamplesLeaveTheTrainingPartAlone) {
  const std::string text = "path,label,rank\n/data/train/b.jpg,Sadness,1\n/data/val/a.jpg,happy,2\n";
  const DroppedSuspects dropped = drop(text);
  EXPECT_THAT(parts_, ElementsAre(Part::train, Part::unused, Part::train, Part::val));
  EXPECT_EQ(dropped.file, (folder_.path() / "suspects.csv").string());
  EXPECT_EQ(dropped.sha256, sha256(text));
  EXPECT_EQ(dropped.listed, 2U);
  EXPECT_EQ(dropped.dropped, 1U);
  EXPECT_EQ(dropped.other_parts, 1U);
}

TEST_F(DropSuspects, WhatIsNotThereOrHasAnotherLabelStaysAndIsCounted) {
  const DroppedSuspects dropped = drop(
      "path,label\n/data/train/a.jpg,sad\n/data/train/z.jpg,sad\n/data/train/c.jpg,furious\n"
      "/data/train/c.jpg,happy\n");
  EXPECT_THAT(parts_, ElementsAre(Part::train, Part::train, Part::train, Part::val));
  EXPECT_EQ(dropped.listed, 3U) << "a path counts once";
  EXPECT_EQ(dropped.other_label, 2U);
  EXPECT_EQ(dropped.missing, 1U);
  EXPECT_EQ(dropped.dropped, 0U);
}

TEST_F(DropSuspects, PathsMayBeginAtAnotherFolder) {
  EXPECT_EQ(drop("path,label\nelsewhere/train/b.jpg,sad\nelsewhere/train/c.jpg,happy\n").dropped, 2U);
  EXPECT_EQ(drop("path,label\ntrain/a.jpg,happy\n").dropped, 1U);
  EXPECT_EQ(drop("path,label\na.jpg,happy\n").missing, 1U) << "it could be two samples";
}

TEST_F(DropSuspects, AShareOfTheListTakesTheLowestRanks) {
  const std::string text =
      "path,label,rank\n/data/train/a.jpg,happy,3\n/data/train/b.jpg,sad,1\n/data/train/c.jpg,happy,2\n";
  EXPECT_EQ(drop(text, 0.34).dropped, 1U);
  EXPECT_THAT(parts_, ElementsAre(Part::train, Part::unused, Part::train, Part::val));
  EXPECT_EQ(drop(text, 0.66).dropped, 2U);
  EXPECT_THAT(parts_, ElementsAre(Part::train, Part::unused, Part::unused, Part::val));
}

TEST_F(DropSuspects, ADamagedListIsADataError) {
  const auto error = [&](const std::string& text) {
    return test::error_text(ErrorKind::data, [&] { return drop(text).listed; });
  };
  EXPECT_THAT(error("path,rank\n/data/train/a.jpg,1\n"), HasSubstr("there is no column 'label'"));
  EXPECT_THAT(error("path,label,rank\n/data/train/a.jpg,happy,first\n"),
              EndsWith("suspects.csv:2: 'first' is no rank (1, 2, …)"));
  EXPECT_THAT(test::error_text(ErrorKind::data,
                               [&] { return drop_suspects(dataset_, "none.csv", 1, parts_).listed; }),
              HasSubstr("none.csv"));
}

TEST_F(DropSuspects, TheSplitSaysHowManyWereDroppedAndWarnsOfThoseThatAreNotThere) {
  SplitFacts facts{.method = "source"};
  EXPECT_EQ(split_text(facts), "the data set's own split, subjects not known");
  facts.suspects = drop("path,label\n/data/train/b.jpg,sad\n/data/train/z.jpg,sad\n");
  EXPECT_EQ(split_text(facts),
            "the data set's own split, subjects not known; 1 suspects left out of training");
  const auto warnings = split_warnings(dataset_, {.method = "source", .parts = parts_}, facts);
  EXPECT_THAT(warnings,
              testing::Contains(EndsWith("suspects.csv: of 2 listed suspects 1 are not in the data and 0 "
                                         "have another label there: these stay as they are")));
  facts.folds = 3;
  EXPECT_THAT(split_text(facts), EndsWith("; suspects left out of training"));
}

}  // namespace
}  // namespace fer
