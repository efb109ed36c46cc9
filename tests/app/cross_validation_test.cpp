#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <set>

#include "app/drawn_training.hpp"
#include "fer/core/csv.hpp"
#include "fer/core/files.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using test::DrawnTraining;
using test::Outcome;
using ::testing::HasSubstr;

class CrossValidation : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    drawn_ = std::make_unique<DrawnTraining>();
    outcome_ = train("cv", {"--folds", "3"});
    ASSERT_EQ(outcome_.code, kOk) << outcome_.err;
  }
  static void TearDownTestSuite() { drawn_.reset(); }

  static Outcome train(const std::string& name, std::vector<std::string> more) {
    more.insert(more.end(), {"--name", name, "--set", "data.split.val=0.3"});
    return drawn_->train(more);
  }

  static fs::path run_folder(const std::string& name) { return drawn_->path("runs") / name; }

  static std::string value(const fs::path& json, const std::string& key) {
    const std::string text = read_file(json);
    const auto at = text.find("\"" + key + "\":");
    return text.substr(at, text.find('\n', at) - at);
  }

  inline static std::unique_ptr<DrawnTraining> drawn_;
  inline static Outcome outcome_;  ///< of three folds
};

TEST_F(CrossValidation, ScoresEverySampleByARunThatNeverSawItsPerson) {
  EXPECT_THAT(outcome_.out, HasSubstr("\n3 folds: accuracy "));
  EXPECT_THAT(outcome_.out, HasSubstr("\npooled: accuracy "));
  EXPECT_THAT(outcome_.out, HasSubstr("by 6 subjects"));
  EXPECT_THAT(outcome_.out, HasSubstr("42 images; subject-disjoint 3-fold, all folds\n"));

  std::set<std::string> scored;
  for (const CsvRow& row : read_csv_table(run_folder("cv-folds") / "predictions.csv").rows)
    EXPECT_TRUE(scored.insert(row.fields[0]).second) << row.fields[0] << " was scored twice";
  EXPECT_EQ(scored.size(), 42U);

  std::set<std::string> tested;
  for (int fold = 1; fold <= 3; ++fold) {
    std::set<std::string> trained_on, tested_on;
    const CsvTable split = read_csv_table(run_folder(fmt::format("cv-fold{}", fold)) / "split.csv");
    for (const CsvRow& row : split.rows) {
      const std::string& subject = row.fields[split.require("subject")];
      const std::string& part = row.fields[split.require("split")];
      (part == "test" ? tested_on : trained_on).insert(subject);
      EXPECT_EQ(part == "test", row.fields[split.require("fold")] == std::to_string(fold));
    }
    for (const std::string& subject : tested_on) {
      EXPECT_FALSE(trained_on.contains(subject)) << subject;
      EXPECT_TRUE(tested.insert(subject).second) << subject;
    }
  }
  EXPECT_EQ(tested.size(), 6U);
  EXPECT_THAT(read_file(run_folder("cv-folds") / "folds.json"), HasSubstr("\"fold\": 3"));
  const std::string page = read_file(run_folder("cv-folds") / "report.html");
  EXPECT_TRUE(page.find("href=\"../cv-fold3/report.html\"") != std::string::npos);
  EXPECT_TRUE(fs::exists(run_folder("cv-fold3") / "report.html"));
}

TEST_F(CrossValidation, FoldsOfSeveralProcessesAreGoneOnWithAndPooled) {
  ASSERT_EQ(train("shared", {"--folds", "3", "--fold", "2"}).code, kOk);
  const fs::path second = run_folder("shared-fold2/best.safetensors");
  const std::string before = read_file(second);
  EXPECT_FALSE(fs::exists(run_folder("shared-folds")));

  const Outcome pooled = train("shared", {"--folds", "3", "--resume"});
  ASSERT_EQ(pooled.code, kOk) << pooled.err;
  EXPECT_EQ(read_file(second), before);
  EXPECT_TRUE(fs::exists(run_folder("shared-fold1/best.safetensors")));
  EXPECT_FALSE(fs::exists(run_folder("shared-fold2-2"))) << "the fold was trained a second time";
  for (const std::string key : {"accuracy", "nll", "macro_f1"}) {
    EXPECT_EQ(value(run_folder("shared-folds/metrics.json"), key),
              value(run_folder("cv-folds/metrics.json"), key))
        << "at once it is the same";
  }
}

TEST_F(CrossValidation, ItsSplitFileGivesTheSameFolds) {
  const std::string file = (run_folder("cv-folds") / "split.csv").string();
  const Outcome again = train("from-file", {"--set", "data.split.method=file", "--set",
                                            "data.split.file=" + file, "--set", "data.split.fold=2"});
  ASSERT_EQ(again.code, kOk) << again.err;
  EXPECT_EQ(value(run_folder("from-file/metrics.json"), "nll"),
            value(run_folder("cv-fold2/metrics.json"), "nll"));
}

TEST_F(CrossValidation, ItsDoubtfulLabelsAreListedAndLeftOutOfTheTrainingPartAlone) {
  const fs::path out = drawn_->path("suspects");
  const Outcome listed =
      test::run(eval_tool, {"suspects", run_folder("cv-folds").string(), "-o", out.string()});
  ASSERT_EQ(listed.code, kOk) << listed.err;
  EXPECT_THAT(listed.out,
              HasSubstr("42 images; cross-validation, each predicted by a run that never saw it"));
  EXPECT_EQ(listed.err.find("could not be read"), std::string::npos) << listed.err;

  std::string list = "path,label\n";
  std::vector<std::string> parts;
  const CsvTable before = read_csv_table(run_folder("cv-fold1") / "split.csv");
  for (std::size_t i = 0; i < before.rows.size(); i += 6) {
    const auto& fields = before.rows[i].fields;
    list += csv_line(std::array{fields[before.require("path")], fields[before.require("label")]});
    parts.push_back(fields[before.require("split")]);
  }
  write_file(out / "some.csv", list);
  const auto from_training = std::ranges::count(parts, "train");
  ASSERT_GT(from_training, 0);
  const Outcome without =
      train("without", {"--folds", "3", "--fold", "1", "--drop-suspects", (out / "some.csv").string()});
  ASSERT_EQ(without.code, kOk) << without.err;
  const std::string said = fmt::format("; {} suspects left out of training", from_training);
  EXPECT_THAT(without.out, HasSubstr("subject-disjoint 3-fold, fold 1" + said));
  EXPECT_THAT(without.err, HasSubstr(fmt::format("suspects: {} of {} listed leave the training part",
                                                 from_training, parts.size())));
  EXPECT_THAT(read_file(run_folder("without-fold1/manifest.json")),
              HasSubstr("\"sha256\": \"" + sha256(list) + "\""));
  const CsvTable after = read_csv_table(run_folder("without-fold1") / "split.csv");
  for (std::size_t i = 0; i < after.rows.size(); ++i) {
    const std::string& was = before.rows[i].fields[before.require("split")];
    EXPECT_EQ(after.rows[i].fields[after.require("split")], i % 6 == 0 && was == "train" ? "unused" : was);
  }
}

TEST_F(CrossValidation, WhatDoesNotFitIsSaidBeforeAnythingIsTrained) {
  const auto refused = [](std::vector<std::string> more, const std::string& text) {
    const Outcome outcome = train("refused", std::move(more));
    EXPECT_EQ(outcome.code, kUsage) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr("error: " + text));
    EXPECT_FALSE(fs::exists(run_folder("refused-fold1")));
    EXPECT_FALSE(fs::exists(run_folder("refused-fold01")));
  };
  refused({"--folds", "2", "--fold", "3"}, "--fold 3: there are 2 folds");
  refused({"--fold", "1"}, "--fold 1 needs --folds as well");
  refused({"--folds", "2", "--set", "train.repeats=2"}, "train.repeats: ");
  refused({"--folds", "7"}, "data.split.folds: ");
}

}  // namespace
}  // namespace fer
