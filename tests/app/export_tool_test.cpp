#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>

#include "app/drawn_training.hpp"
#include "fer/core/csv.hpp"
#include "fer/core/files.hpp"
#include "fer/model/quantised_checkpoint.hpp"

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

TEST_F(PassedOn, OnnxIsRunByOpenCvBeforeItAppears) {
  const fs::path file = folder_ / "model.onnx";
  const Outcome outcome = run(export_tool, {(drawn_->path("runs") / "base").string(), "-o", file.string()});
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("OpenCV's logits of 4 drawn faces differ by"));
  EXPECT_THAT(read_file(file), AllOf(HasSubstr("fer-checkpoint"), HasSubstr("normalised")));
  const Outcome whole =
      run(export_tool, {best().string(), "-o", file.string(), "--exist-ok", "--images", "--probabilities"});
  ASSERT_EQ(whole.code, kOk) << whole.err;
  EXPECT_THAT(whole.out, HasSubstr("OpenCV's probabilities of 4 drawn faces differ by"));
  EXPECT_THAT(read_file(file), HasSubstr("rgb8"));
}

TEST_F(PassedOn, WhatDoesNotSayTheSameIsNotWritten) {
  Checkpoint checkpoint = load_checkpoint(best());
  checkpoint.weights.at("classifier.1.bias").fill_(NAN);
  const fs::path broken = folder_ / "broken.safetensors";
  save_checkpoint(broken, checkpoint);
  const fs::path file = folder_ / "model.onnx";
  const Outcome outcome = run(export_tool, {broken.string(), "-o", file.string()});
  EXPECT_EQ(outcome.code, kFailed);
  EXPECT_THAT(outcome.err, HasSubstr("model.onnx: was not written: OpenCV's logits differ by nan"));
  EXPECT_FALSE(fs::exists(file));
}

TEST_F(PassedOn, PthHoldsTheSameTensors) {
  const fs::path file = folder_ / "model.pth";
  const Outcome outcome = run(export_tool, {best().string(), "-o", file.string()});
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  const TensorMap expected = load_checkpoint(best()).weights;
  const TensorMap tensors = read_pth(file);
  EXPECT_EQ(tensors.size(), expected.size());
  for (const auto& [name, tensor] : tensors) EXPECT_TRUE(tensor.equal(expected.at(name))) << name;
}

TEST_F(PassedOn, Int8IsMeasuredOnTheRunsOwnValidationPartAndLeavesAsOnnx) {
  const fs::path file = folder_ / "int8.safetensors";
  const Outcome outcome = run(export_tool, {best().string(), "-o", file.string(), "--to", "int8"});
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out,
              AllOf(HasSubstr("% in int8 on 7 images (validation part, "), HasSubstr("of the labels")));
  const QuantisationLoss loss = load_quantised(file).loss;
  EXPECT_EQ(loss.count, 7);
  EXPECT_THAT(outcome.out, HasSubstr(fmt::format("accuracy {:.2f} % in float, {:.2f} % in int8",
                                                 100 * loss.accuracy, 100 * loss.int8_accuracy)));
  EXPECT_LT(largest_difference(probabilities(file, "bytes"), probabilities(best(), "floats")), 0.1);

  const Outcome onnx = run(export_tool, {file.string(), "-o", (folder_ / "int8.onnx").string()});
  ASSERT_EQ(onnx.code, kOk) << onnx.err;
  EXPECT_THAT(read_file(folder_ / "int8.onnx"),
              AllOf(HasSubstr("QuantizeLinear"), HasSubstr("int8_accuracy")));
  const Outcome pth = run(export_tool, {file.string(), "-o", (folder_ / "int8.pth").string()});
  EXPECT_EQ(pth.code, kData);
  EXPECT_THAT(pth.err, HasSubstr("is quantised"));
}

TEST_F(PassedOn, Int8IsMeasuredOnOtherDataThanChoseItsScales) {
  const Outcome outcome = run(
      export_tool, {best().string(), "-o", (folder_ / "int8.safetensors").string(), "--to", "int8",
                    "--calibrate", drawn_->faces().string(), "--kind", "kdef", "--calibration-images", "12"});
  ASSERT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("in int8 on 30 images (images of "));
}

TEST_F(PassedOn, OptionsOfOtherFormatsAreRefused) {
  const auto error = [&](const std::string& file, std::vector<std::string> more) {
    more.insert(more.begin(), {best().string(), "-o", (folder_ / file).string()});
    const Outcome outcome = run(export_tool, more);
    EXPECT_EQ(outcome.code, kUsage);
    return outcome.err;
  };
  EXPECT_THAT(error("model.bin", {}), HasSubstr("ends in none of .onnx, .pth and .safetensors"));
  EXPECT_THAT(error("model.pth", {"--images"}), HasSubstr("are for onnx, not pth"));
  EXPECT_THAT(error("model.onnx", {"--half"}), HasSubstr("--half is for safetensors and pth"));
  EXPECT_THAT(error("model.onnx", {"--calibrate", "faces"}), HasSubstr("are for --to int8, not onnx"));
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
