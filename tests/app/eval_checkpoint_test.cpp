#include <gmock/gmock.h>

#include "app/drawn_training.hpp"
#include "fer/core/csv.hpp"
#include "fer/core/files.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using test::DrawnTraining;
using test::Outcome;
using test::run;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class EvalCheckpoint : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    drawn_ = std::make_unique<DrawnTraining>();
    const Outcome outcome =
        drawn_->train({"--name", "base", "--set", "data.split={method: subject, val: 0.34, test: 0.34}"});
    ASSERT_EQ(outcome.code, kOk) << outcome.err;
  }
  static void TearDownTestSuite() { drawn_.reset(); }

  /// fer-eval of the training's best checkpoint.
  Outcome evaluate(std::vector<std::string> more) const {
    more.insert(more.begin(), run_folder().string());
    more.insert(more.end(), {"-o", output().string(), "--set", "data.cache.keep=false"});
    return run(eval_tool, more);
  }

  /// Folders of images under the names of classes, of other people's faces.
  fs::path other_data(const std::vector<std::pair<std::string, std::string>>& images) const {
    const fs::path folder = folder_ / "other";
    for (const auto& [image, word] : images) {
      fs::create_directories(folder / word);
      fs::copy_file(drawn_->faces() / "AF01" / image, folder / word / "a.jpg");
    }
    return folder;
  }

  fs::path output() const { return folder_ / "evaluations"; }
  static fs::path run_folder() { return drawn_->path("runs") / "base"; }

  inline static std::unique_ptr<DrawnTraining> drawn_;
  const test::TempFolder folder_;
};

std::vector<float> probabilities_of(const fs::path& predictions) {
  std::vector<float> numbers;
  for (const CsvRow& row : read_csv_table(predictions).rows) {
    for (std::size_t column = 3; column < row.fields.size(); ++column)
      numbers.push_back(std::stof(row.fields[column]));
  }
  return numbers;
}

TEST_F(EvalCheckpoint, OfItsOwnRunSaysWhatTheTrainingSaid) {
  const Outcome outcome = evaluate({});
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(StartsWith("test: accuracy "), HasSubstr("14 images; subject-disjoint")));
  const fs::path folder = output() / "base-on-faces-test";
  for (const char* name : {"config.yaml", "report.html", "split.csv", "rejected.csv", "metrics.json",
                           "predictions.csv", "confusion_matrix.csv", "confusion_matrix.png",
                           "confusion_matrix.svg", "reliability.csv", "reliability.png", "reliability.svg",
                           "groups.csv", "confusions.csv", "error_analysis.txt", "mistakes.jpg"}) {
    EXPECT_TRUE(fs::exists(folder / name)) << name;
  }
  EXPECT_THAT(
      probabilities_of(folder / "predictions.csv"),
      ::testing::Pointwise(::testing::FloatNear(1e-4F), probabilities_of(run_folder() / "predictions.csv")));
  const std::string metrics = read_file(folder / "metrics.json");
  EXPECT_THAT(metrics, AllOf(HasSubstr("\"protocol\": \"subject-disjoint"), HasSubstr("\"before\": {")));
}

TEST_F(EvalCheckpoint, OnTheSamplesItWasTrainedOnIsRefusedUnlessAllowed) {
  const Outcome refused = evaluate({"--part", "all"});
  EXPECT_EQ(refused.code, kData);
  EXPECT_THAT(refused.err, HasSubstr("14 of 42 samples are ones the checkpoint was trained on"));
  EXPECT_FALSE(fs::exists(output()));
  const Outcome allowed = evaluate({"--part", "all", "--set", "data.allow_leakage=true"});
  EXPECT_EQ(allowed.code, kOk) << allowed.err;
  EXPECT_THAT(allowed.out, HasSubstr("14 of them trained on"));
}

TEST_F(EvalCheckpoint, OnOtherDataTakesAllOfThemAndSaysWhichClassesAreAbsent) {
  const fs::path data = other_data({{"AF01ANS.JPG", "Anger"}, {"AF01HAS.JPG", "happy"}});
  const Outcome outcome = evaluate({data.string()});
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(StartsWith("all: accuracy "), HasSubstr("2 images; all images of")));
  EXPECT_THAT(outcome.err, HasSubstr("no sample of disgust, fear, sad, surprise, neutral"));
  EXPECT_TRUE(fs::exists(output() / "base-on-other" / "metrics.json"));
}

TEST_F(EvalCheckpoint, ClassesItDoesNotKnowAreNamedUntilTheyAreMapped) {
  const fs::path data = other_data({{"AF01ANS.JPG", "contempt"}, {"AF01HAS.JPG", "happy"}});
  const Outcome refused = evaluate({data.string()});
  EXPECT_EQ(refused.code, kUsage);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("'contempt' (1 files)"), HasSubstr("angry, disgust"),
                                 HasSubstr("--map contempt=CLASS")));
  const Outcome mapped = evaluate({data.string(), "--map", "contempt=disgust", "--name", "mapped"});
  EXPECT_EQ(mapped.code, kOk) << mapped.err;
  EXPECT_THAT(mapped.out, HasSubstr("2 images"));
  const Outcome left_out = evaluate({data.string(), "--map", "contempt=-", "--name", "left-out"});
  EXPECT_EQ(left_out.code, kOk) << left_out.err;
  EXPECT_THAT(left_out.out, HasSubstr("1 images"));
  for (const std::string wrong : {"contempt", "=happy", "contempt="}) {
    const Outcome outcome = evaluate({data.string(), "--map", wrong});
    EXPECT_EQ(outcome.code, kUsage) << wrong;
    EXPECT_THAT(outcome.err, HasSubstr("--map " + wrong + ": expected WORD=CLASS"));
  }
  EXPECT_THAT(evaluate({data.string(), "--map", "contempt=smirk"}).err, HasSubstr("which is no class"));
}

TEST_F(EvalCheckpoint, WhatIsMissingIsNamed) {
  EXPECT_THAT(run(eval_tool, {}).err, HasSubstr("name a checkpoint or a command"));
  const Outcome no_run = run(eval_tool, {folder_.path().string()});
  EXPECT_EQ(no_run.code, kData);
  EXPECT_THAT(no_run.err, HasSubstr("holds no best.safetensors"));
  const fs::path alone = folder_ / "alone.safetensors";
  fs::copy_file(run_folder() / "best.safetensors", alone);
  const Outcome no_data = run(eval_tool, {alone.string()});
  EXPECT_EQ(no_data.code, kUsage);
  EXPECT_THAT(no_data.err, HasSubstr("has no config.yaml beside it: name the data"));
  const Outcome absent = evaluate({(folder_ / "nowhere").string()});
  EXPECT_EQ(absent.code, kData);
  EXPECT_THAT(absent.err, AllOf(HasSubstr("nowhere: there is no such file"), Not(HasSubstr("DATA:"))));
}

}  // namespace
}  // namespace fer
