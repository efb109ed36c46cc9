#include "fer/report/split_files.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "fer/report/training_files.hpp"

namespace fer {
namespace {

TEST(SplitTable, HasARowForEachPart) {
  const std::vector<PartCounts> rows = {
      {.name = "train", .samples = 120, .subjects = 3, .per_class = {100, 20}},
      {.name = "val", .samples = 7, .subjects = 0, .per_class = {7, 0}}};
  EXPECT_EQ(split_table("part", rows, ClassList({"happy", "sad"})),
            "part   images  subjects  happy  sad\n"
            "train     120         3    100   20\n"
            "val         7         -      7    0\n");
}

TEST(ManifestFile, SaysTheSplitInWordsAndNumbersAndReadsItBack) {
  SplitFacts facts;
  facts.method = "random_kfold";
  facts.folds = 10;
  facts.fold = 3;
  facts.samples = {100, 20, 30, 4};
  facts.subjects = 12;
  facts.shared_subjects = 11;
  facts.without_subject = 2;
  facts.not_in_file = 5;
  facts.excluded = 4;
  facts.leakage_allowed = true;
  facts.suspects = {.file = "suspects.csv",
                    .sha256 = "5e",
                    .listed = 9,
                    .dropped = 5,
                    .other_parts = 1,
                    .other_label = 1,
                    .missing = 2};
  facts.leaks = {{.kind = LeakKind::session_twin,
                  .part = Part::train,
                  .other_part = Part::test,
                  .count = 6,
                  .first = 0}};
  Manifest manifest;
  manifest.split = split_text(facts);
  manifest.split_facts = facts;
  const std::string text = manifest_json(manifest);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["split"],
            "random 10-fold, fold 3, subjects shared (11 of 12); 4 copies left out; 5 suspects left out of "
            "training; leakage allowed: 6 people under two sessions' names in train and test");
  EXPECT_EQ(json["split_facts"]["suspects"]["dropped"], 5);
  EXPECT_EQ(json["split_facts"]["suspects"]["sha256"], "5e");
  EXPECT_EQ(json["split_facts"]["samples"]["unused"], 4);
  EXPECT_EQ(json["split_facts"]["leaks"][0],
            nlohmann::json::parse(R"({"kind": "session_twin", "parts": ["train", "test"], "count": 6})"));
  EXPECT_EQ(parse_manifest(text).split_facts, facts);
}

}  // namespace
}  // namespace fer
