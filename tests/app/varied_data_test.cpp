#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "app/tool_runs.hpp"
#include "fer/core/csv.hpp"
#include "fer/core/files.hpp"
#include "fer/data/synthetic_dataset.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::run;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// A column of a CSV file.
std::vector<std::string> column(const fs::path& file, const std::string& name) {
  const CsvTable table = read_csv_table(file);
  std::vector<std::string> values;
  for (const CsvRow& row : table.rows) values.push_back(row.fields[table.require(name)]);
  return values;
}

/// Two sets of drawn people, "lab" of six and "wild" of four others under the same names, and small trainings
/// on both.
class VariedData : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<test::TempFolder>();
    draw("lab", 6, 42);
    draw("wild", 4, 7);
    write_file(*folder_ / "lab.csv",
               "subject,ethnicity\nF01,asian\nM01,asian\nF02,asian\nM02,white\nF03,white\n"
               "M03,white\n");
    const std::string sources = fmt::format(
        "[{{kind: kdef, name: lab, root: {0}/lab, attributes: {0}/lab.csv}}, {{kind: kdef, name: wild, "
        "root: {0}/wild, own_people: true, weight: 2}}]",
        folder_->path().string());
    common_ = {"--set", "data.cache.folder=" + (*folder_ / "crops").string(),
               "--set", "face.detector=none",
               "--set", "model.weights=none",
               "--set", "input.size=32",
               "--set", "train.epochs=1"};
    both_ = {"--set", "data.sources=" + sources,
             "--set", "experiment.name=varied",
             "--set", "data.split={method: subject, val: 0.25, test: 0.25}",
             "--set", "train.balance=[label, source]"};
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static void draw(const std::string& name, int subjects, std::uint64_t seed) {
    SyntheticKdefOptions options;
    options.folder = *folder_ / name;
    options.subjects = subjects;
    options.sessions = 1;
    options.angles = {"S"};
    options.seed = seed;
    options.size = {96, 128};
    write_synthetic_kdef(options, {});
  }

  static Outcome matrix(std::vector<std::string> more) {
    more.insert(more.begin(), "matrix");
    more.insert(more.end(), both_.begin(), both_.end());
    more.insert(more.end(), common_.begin(), common_.end());
    more.insert(more.end(), {"-o", (*folder_ / "evaluations").string()});
    return run(eval_tool, more);
  }

  static fs::path path(const std::string& name) { return *folder_ / name; }

  inline static std::unique_ptr<test::TempFolder> folder_;
  inline static std::vector<std::string> common_;
  inline static std::vector<std::string> both_;
};

TEST_F(VariedData, AMatrixTrainsOnEachSourceAndTestsOnEveryOne) {
  const Outcome outcome = matrix({"--together", "--name", "m"});
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  const fs::path folder = path("evaluations/m");
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("Trained on"), HasSubstr("lab (14 test)"), HasSubstr("wild (7 test)"),
                    HasSubstr("Drop %"), HasSubstr("matrix folder " + folder.string())));
  EXPECT_THAT(outcome.err, HasSubstr("sources: lab 42, wild 28"));
  EXPECT_THAT(outcome.err, HasSubstr("balance: drawn evenly over 14 combinations of label and source"));
  EXPECT_THAT(column(folder / "matrix.csv", "trained_on"),
              ElementsAre("lab", "lab", "wild", "wild", "all-sources", "all-sources"));
  EXPECT_THAT(column(folder / "matrix.csv", "samples"), ElementsAre("14", "7", "14", "7", "14", "7"));
  EXPECT_THAT(column(folder / "matrix.csv", "own"), ElementsAre("1", "0", "0", "1", "0", "0"));
  for (const char* name :
       {"matrix.txt", "matrix.json", "matrix.md", "matrix.tex", "config.yaml", "split.csv"})
    EXPECT_TRUE(fs::exists(folder / name)) << name;

  for (const std::string source : {"lab", "wild"}) {
    const std::vector<std::string> tested =
        column(folder / "cells" / ("wild-on-" + source) / "predictions.csv", "path");
    EXPECT_EQ(tested, column(folder / "cells" / ("lab-on-" + source) / "predictions.csv", "path"));
    EXPECT_EQ(tested, column(folder / "cells" / ("all-sources-on-" + source) / "predictions.csv", "path"));
    for (const std::string& image : tested) EXPECT_THAT(image, HasSubstr("/" + source + "/"));
    EXPECT_THAT(column(folder / "cells" / ("wild-on-" + source) / "predictions.csv", "source"),
                testing::Each(source));
    for (const std::string& image : column(folder / "runs" / source / "split.csv", "path"))
      EXPECT_THAT(image, HasSubstr("/" + source + "/"));
  }
  const std::vector<std::string> sources = column(folder / "runs/all-sources/split.csv", "source");
  EXPECT_EQ(std::ranges::count(sources, "wild"), 28);
  EXPECT_THAT(read_file(folder / "runs/lab/config.yaml"), Not(HasSubstr("name: wild")));

  const std::string checkpoint = read_file(folder / "runs/lab/best.safetensors");
  const std::string figures = read_file(folder / "matrix.csv");
  fs::remove_all(folder / "runs/wild");
  const Outcome again = matrix({"--together", "--name", "m", "--resume"});
  ASSERT_EQ(again.code, kOk) << again.err;
  EXPECT_THAT(again.err, AllOf(HasSubstr("lab: trained already"), Not(HasSubstr("wild: trained already"))));
  EXPECT_EQ(read_file(folder / "runs/lab/best.safetensors"), checkpoint);
  EXPECT_EQ(read_file(folder / "matrix.csv"), figures) << "the training is the same again";

  const Outcome given = matrix({"--name", "given", "--checkpoints", "lab=" + (folder / "runs/lab").string(),
                                "wild=" + (folder / "runs/wild").string()});
  ASSERT_EQ(given.code, kOk) << given.err;
  const auto accuracies = column(folder / "matrix.csv", "accuracy");
  EXPECT_EQ(column(path("evaluations/given/matrix.csv"), "accuracy"),
            std::vector(accuracies.begin(), accuracies.begin() + 4));
  EXPECT_FALSE(fs::exists(path("evaluations/given/runs")));

  const Outcome seen =
      matrix({"--name", "seen", "--part", "all", "--checkpoints", (folder / "runs/lab").string()});
  EXPECT_EQ(seen.code, kData);
  EXPECT_THAT(seen.err, HasSubstr("samples are ones the checkpoint was trained on"));
}

TEST_F(VariedData, AMatrixThatCannotBeIsRefusedBeforeAnythingIsTrained) {
  const auto refused = [](const std::vector<std::string>& more, const std::string& text) {
    std::vector<std::string> arguments = more;
    arguments.insert(arguments.begin(), {"--name", "refused"});
    const Outcome outcome = matrix(arguments);
    EXPECT_EQ(outcome.code, kUsage) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(text));
    EXPECT_FALSE(fs::exists(path("evaluations/refused")));
  };
  refused({"--part", "all"}, "--part all: would test on what was trained on");
  refused({"--together", "--checkpoints", "a"}, "--together trains");
  const Outcome one = run(eval_tool, {"matrix", "--set", "data.sources=[{root: /data}]"});
  EXPECT_EQ(one.code, kUsage);
  EXPECT_THAT(one.err, HasSubstr("data.sources: a matrix needs two sources at least, got 1"));
}

TEST_F(VariedData, EachGroupIsLeftOutOnce) {
  std::vector<std::string> arguments = {
      "--set",
      fmt::format("data.sources=[{{root: {0}/lab, attributes: {0}/lab.csv}}]", folder_->path().string()),
      "--set",
      "data.split={method: group_out, group: ethnicity, fold: 0, val: 0.34}",
      "--name",
      "groups",
      "-o",
      path("runs").string()};
  arguments.insert(arguments.end(), common_.begin(), common_.end());
  const Outcome outcome = run(train_tool, arguments);
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("leave-one-group-out by ethnicity, fold 1 (asian), subject-disjoint"),
                    HasSubstr("leave-one-group-out by ethnicity, fold 2 (white), subject-disjoint"),
                    HasSubstr("42 images; leave-one-group-out by ethnicity, subject-disjoint, all folds"),
                    HasSubstr("2 folds: accuracy ")));
  std::set<std::string> tested;
  const fs::path split = path("runs/groups-fold1/split.csv");
  const std::vector<std::string> subjects = column(split, "subject");
  const std::vector<std::string> parts = column(split, "split");
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (parts[i] == "test") tested.insert(subjects[i]);
  EXPECT_THAT(tested, ElementsAre("F01", "F02", "M01"));
  EXPECT_THAT(read_file(path("runs/groups-folds/metrics.json")), HasSubstr("\"gaps\": {"));
  EXPECT_THAT(column(path("runs/groups-folds/groups.csv"), "attribute"), testing::Contains("ethnicity"));

  arguments.insert(arguments.end(), {"--folds", "2"});
  EXPECT_THAT(run(train_tool, arguments).err, HasSubstr("as many folds as values of ethnicity"));
}

TEST_F(VariedData, WhatIsBalancedHasToBeKnown) {
  std::vector<std::string> arguments = both_;
  arguments.insert(arguments.end(), common_.begin(), common_.end());
  arguments.insert(arguments.end(), {"--set", "train.balance=[ethnicty]", "-o", path("none").string()});
  const Outcome outcome = run(train_tool, arguments);
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err,
              HasSubstr("train.balance: no sample has an attribute 'ethnicty', did you mean 'ethnicity'?"));
  EXPECT_FALSE(fs::exists(path("none")));
}

}  // namespace
}  // namespace fer
