#include <fmt/format.h>
#include <gmock/gmock.h>

#include "app/tool_runs.hpp"
#include "fer/core/csv.hpp"
#include "fer/core/files.hpp"
#include "fer/vision/image.hpp"
#include "support/images.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using test::Outcome;
using test::run;
using ::testing::HasSubstr;

/// Twelve people with an image of each of two classes, as a list.
class DataSplit : public testing::Test {
 protected:
  DataSplit() {
    for (int i = 0; i < 24; ++i) draw(i, i);
    write_list();
  }

  void draw(int image, int pattern) const {
    write_image(folder_ / fmt::format("{:02}.png", image),
                test::noise_image({40, 40}, static_cast<std::uint64_t>(pattern)));
  }

  void write_list() const {
    std::string list = "path,label,subject,split\n";
    for (int i = 0; i < 24; ++i) {
      list += fmt::format("{:02}.png,{},p{},{}\n", i, i % 2 == 0 ? "happy" : "sad", i / 2,
                          i < 16 ? "train" : "val");
    }
    folder_.write("list.csv", list);
  }

  std::vector<std::string> arguments(const std::vector<std::string>& more) const {
    std::vector<std::string> all = {"--set", "data.sources=[{kind: csv, root: " + path("list.csv") + "}]",
                                    "--set", "data.classes=[happy, sad]",
                                    "--set", "face.detector=none",
                                    "--set", "input.size=32",
                                    "--set", "data.cache.keep=false"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  Outcome split(const std::vector<std::string>& more) const {
    std::vector<std::string> all = arguments(more);
    all.insert(all.begin(), "split");
    all.insert(all.end(), {"-o", path("out/split.csv"), "-q"});
    return run(data_tool, all);
  }

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  test::TempFolder folder_;
};

TEST_F(DataSplit, WritesThePartsAndPrintsThem) {
  const Outcome outcome = split({"--set", "data.split.method=source"});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_EQ(outcome.out,
            "the data set's own split, subject-disjoint\n\n"
            "part   images  subjects  happy  sad\n"
            "train      16         8      8    8\n"
            "val         8         4      4    4\n\n" +
                path("out/split.csv") + "\n");
  const CsvTable file = read_csv_table(path("out/split.csv"));
  EXPECT_EQ(file.rows.size(), 24U);
  EXPECT_EQ(file.rows[20].fields[file.require("split")], "val");
  EXPECT_FALSE(std::filesystem::exists(path("out/leaks.csv")));
}

TEST_F(DataSplit, WritesFoldsThatMethodFileTakes) {
  const std::vector<std::string> in_folds = {"--set", "data.split={method: kfold, folds: 4, fold: 0}"};
  const Outcome outcome = split(in_folds);
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, testing::StartsWith("subject-disjoint 4-fold\n\nfold  images"));
  EXPECT_THAT(outcome.out, HasSubstr("\n4          6         3      3    3\n"));
  EXPECT_THAT(read_file(path("out/split.csv")), HasSubstr("00.png,happy,p0,,"));
  std::filesystem::rename(path("out/split.csv"), path("folds.csv"));

  const Outcome again =
      split({"--set", "data.split={method: file, fold: 2, file: " + path("folds.csv") + "}"});
  EXPECT_EQ(again.code, kOk) << again.err;
  EXPECT_THAT(again.out, testing::StartsWith("4-fold, fold 2 by file, subject-disjoint\n\n"));
  EXPECT_THAT(again.out, HasSubstr("test        6         3      3    3\n"));
}

TEST_F(DataSplit, NeverWritesOverAFileUnasked) {
  ASSERT_EQ(split({}).code, kOk);
  const Outcome outcome = split({});
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("out/split.csv: is there already"));
  EXPECT_EQ(split({"--exist-ok"}).code, kOk);
}

TEST_F(DataSplit, ListsLeaksAndEndsAsTheTrainingWould) {
  draw(20, 3);
  draw(23, 5);
  const Outcome outcome = split({"--set", "data.split.method=source"});
  EXPECT_EQ(outcome.code, kData);
  EXPECT_THAT(outcome.out, HasSubstr(", 2 leaks in " + path("out/leaks.csv")));
  EXPECT_THAT(outcome.err,
              HasSubstr("error: the parts share what they must not: 2 duplicates in train and val"));
  EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
  EXPECT_EQ(read_file(path("out/leaks.csv")),
            fmt::format("kind,path,split,label,other_path,other_split,other_label\n"
                        "duplicate,{0}/03.png,train,sad,{0}/20.png,val,happy\n"
                        "duplicate,{0}/05.png,train,sad,{0}/23.png,val,sad\n",
                        folder_.path().string()));
}

TEST_F(DataSplit, FindsLeaksBetweenAnyTwoFoldsOnce) {
  draw(20, 3);
  const Outcome outcome = split({"--set", "data.split={method: kfold, folds: 12}"});
  EXPECT_EQ(outcome.code, kData);
  EXPECT_EQ(parse_csv(read_file(path("out/leaks.csv")), "leaks.csv").size(), 2U);
}

TEST_F(DataSplit, FewerSubjectsThanFoldsAndAFileThatNamesOtherImagesAreErrors) {
  const Outcome folds = split({"--set", "data.split={method: kfold, folds: 13}"});
  EXPECT_EQ(folds.code, kUsage);
  EXPECT_EQ(folds.err, "error: data.split.folds: 13 folds need 13 subjects at least, and the data have 12\n");
  folder_.write("other.csv", "path,split\n00.png,train\nno.png,val\n");
  const Outcome file = split({"--set", "data.split={method: file, file: " + path("other.csv") + "}"});
  EXPECT_EQ(file.code, kData);
  EXPECT_EQ(file.err, "error: " + path("other.csv") + ": names 1 images that are not in the data: no.png\n");
  EXPECT_FALSE(std::filesystem::exists(path("out")));
}

TEST_F(DataSplit, ATrainingOnPartsThatLeakIsRefusedBeforeItHasAFolder) {
  draw(20, 3);
  const Outcome outcome = run(train_tool, arguments({"--set", "data.split.method=source", "--set",
                                                     "model.weights=none", "-o", path("runs"), "-q"}));
  EXPECT_EQ(outcome.code, kData);
  EXPECT_THAT(outcome.err, HasSubstr("1 duplicate in train and val (the first: " + path("03.png") + " and " +
                                     path("20.png") + ")"));
  EXPECT_FALSE(std::filesystem::exists(path("runs")));
}

TEST_F(DataSplit, ALeakThatIsAllowedIsStatedInEveryOutputOfTheTraining) {
  draw(20, 3);
  const Outcome outcome = run(
      train_tool, arguments({"--set", "data.split.method=source", "--set", "data.allow_leakage=true", "--set",
                             "model.weights=none", "--epochs", "1", "-o", path("runs"), "--name", "leaky"}));
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  const std::string text =
      "the data set's own split, subject-disjoint; leakage allowed: 1 duplicate in train and val";
  EXPECT_THAT(outcome.out, HasSubstr("8 images; " + text + "\n"));
  EXPECT_THAT(outcome.err, HasSubstr("warning: split: figures are optimistic"));
  EXPECT_THAT(read_file(path("runs/leaky/train.log")), HasSubstr("split: " + text));
  EXPECT_THAT(read_file(path("runs/leaky/manifest.json")), HasSubstr("\"split\": \"" + text + "\""));
  EXPECT_EQ(parse_csv(read_file(path("runs/leaky/leaks.csv")), "leaks.csv").size(), 2U);
}

}  // namespace
}  // namespace fer
