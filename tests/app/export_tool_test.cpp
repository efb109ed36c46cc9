#include <gmock/gmock.h>

#include <cmath>

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

class PassedOn : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    drawn_ = std::make_unique<DrawnTraining>();
    const Outcome outcome = drawn_->train({"--name", "base", "--set", "model.weights=fer"});
    ASSERT_EQ(outcome.code, kOk) << outcome.err;
  }
  static void TearDownTestSuite() { drawn_.reset(); }

  static fs::path best() { return drawn_->path("runs") / "base/best.safetensors"; }

  /// One class's probability of every image, in order.
  std::vector<double> probabilities(const fs::path& checkpoint, const std::string& name,
                                    const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {checkpoint.string(),
                                          drawn_->faces().string(),
                                          "--kind",
                                          "kdef",
                                          "--part",
                                          "all",
                                          "-o",
                                          (folder_ / "evaluations").string(),
                                          "--name",
                                          name};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.insert(arguments.end(), {"--set", "data.allow_leakage=true"});
    const Outcome outcome = run(eval_tool, arguments);
    EXPECT_EQ(outcome.code, kOk) << outcome.err;
    const CsvTable table = read_csv_table(folder_ / "evaluations" / name / "predictions.csv");
    std::vector<double> column;
    for (const CsvRow& row : table.rows) column.push_back(std::stod(row.fields[table.require("sad")]));
    return column;
  }

  inline static std::unique_ptr<DrawnTraining> drawn_;
  const test::TempFolder folder_;
};

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
    largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

TEST_F(PassedOn, HalfPrecisionIsHalfTheSizeAndSaysTheSame) {
  const fs::path half = folder_ / "half.safetensors";
  const Outcome outcome = run(export_tool, {best().string(), "-o", half.string(), "--half"});
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_LT(static_cast<double>(fs::file_size(half)), 0.52 * static_cast<double>(fs::file_size(best())));
  EXPECT_LT(largest_difference(probabilities(half, "half"), probabilities(best(), "whole")), 2e-3);
}

TEST_F(PassedOn, NothingIsWrittenOverUnasked) {
  const fs::path file = folder_ / "mine.safetensors";
  write_file(file, "mine");
  const Outcome refused = run(export_tool, {best().string(), "-o", file.string()});
  EXPECT_EQ(refused.code, kUsage);
  EXPECT_THAT(refused.err, HasSubstr("mine.safetensors: exists; name another file, or pass --exist-ok"));
  EXPECT_EQ(read_file(file), "mine");
  ASSERT_EQ(run(export_tool, {best().string(), "-o", file.string(), "--exist-ok"}).code, kOk);
  EXPECT_EQ(read_file(file), read_file(best()));
}

TEST_F(PassedOn, MirrorImagesChangeAnAnswerALittle) {
  const double difference =
      largest_difference(probabilities(best(), "plain"), probabilities(best(), "mirror", {"--mirror"}));
  EXPECT_GT(difference, 1e-6);
  EXPECT_LT(difference, 0.2);
  EXPECT_THAT(read_file(folder_ / "evaluations/mirror/manifest.json"), HasSubstr("--mirror"));
}

TEST_F(PassedOn, ATeacherThatHasChangedEndsARunThatGoesOn) {
  const fs::path teacher = folder_ / "teacher.safetensors";
  fs::copy_file(best(), teacher);
  const std::vector<std::string> arguments = {"--name", "student", "--set",
                                              "train.distill.teachers=[" + teacher.string() + "]"};
  const Outcome begun = drawn_->train(arguments);
  ASSERT_EQ(begun.code, kOk) << begun.err;
  EXPECT_THAT(read_file(drawn_->path("runs") / "student/manifest.json"), HasSubstr(teacher.string()));
  fs::copy_file(drawn_->path("runs") / "student/best.safetensors", teacher,
                fs::copy_options::overwrite_existing);
  const Outcome resumed = run(train_tool, {"--resume", (drawn_->path("runs") / "student").string()});
  EXPECT_EQ(resumed.code, kData);
  EXPECT_THAT(resumed.err,
              AllOf(HasSubstr("teacher.safetensors: is another file than when"), HasSubstr("student began")));
}

}  // namespace
}  // namespace fer
