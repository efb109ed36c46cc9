#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "app/tool_runs.hpp"
#include "engine/golden_onnx.hpp"
#include "fer/core/csv.hpp"
#include "fer/engine/opencv_predictor.hpp"
#include "fer/vision/image.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// fer-infer with an ONNX file: what it does with and without LibTorch.
class Engine : public testing::Test {
 protected:
  Engine() {
    for (const char* name : {"1.png", "2.png"})
      write_image(folder_ / ("pictures/" + std::string(name)), golden_picture());
  }

  Outcome infer(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all = {
        (folder_ / "pictures").string(), "-o", (folder_ / "out").string(), "--detector", "none", "-q"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run(infer_tool, all);
  }

  TempFolder folder_;
  const std::string onnx_ = kOnnxFiles / "small.onnx";
};

TEST_F(Engine, OpencvLabelsPicturesByAnOnnxFile) {
  for (const std::string engine : {"auto", "opencv"}) {
    const Outcome outcome =
        infer({"-m", onnx_, "--engine", engine, "--sample-fps", "all", "--exist-ok", "--smoothing", "none"});
    ASSERT_EQ(outcome.code, kOk) << outcome.err;
    const cv::Mat picture = golden_picture();
    const auto row = load_opencv_predictor(onnx_)->predict({&picture, 1}).at(0);
    const CsvTable frames = read_csv_table(folder_ / "out/pictures/frames.csv");
    ASSERT_EQ(frames.rows.size(), 2U);
    for (const CsvRow& frame : frames.rows) {
      EXPECT_EQ(frame.fields[frames.require("emotion")], "anger");
      EXPECT_EQ(frame.fields[frames.require("anger")], csv_number(row[0]));
    }
  }
}

TEST_F(Engine, MustReadTheModelsKindOfFile) {
  const Outcome onnx = infer({"-m", onnx_, "--engine", "libtorch"});
  EXPECT_EQ(onnx.code, kUsage);
  EXPECT_THAT(onnx.err, AllOf(HasSubstr("--engine libtorch reads checkpoints"), HasSubstr("small.onnx")));
  const fs::path checkpoint = folder_.write("best.safetensors", std::string(64, ' '));
  const Outcome weights = infer({"-m", checkpoint, "--engine", "opencv"});
  EXPECT_EQ(weights.code, kUsage);
  EXPECT_THAT(weights.err, AllOf(HasSubstr("best.safetensors"), HasSubstr("'fer-export'")));
  EXPECT_EQ(infer({"-m", onnx_, "--engine", "tflite"}).code, kUsage);
}

TEST_F(Engine, ADamagedOnnxFileIsOneLine) {
  const std::string whole = read_file(onnx_);
  const Outcome outcome = infer({"-m", folder_.write("cut.onnx", whole.substr(0, 700))});
  EXPECT_EQ(outcome.code, kData);
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("cut.onnx"), HasSubstr("truncated")));
  EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1);
}

TEST_F(Engine, DebugTellsWhatWasChosen) {
  const auto said = [&](const std::string& level) {
    return run(infer_tool, {(folder_ / "pictures").string(), "-o", (folder_ / "out").string(), "--exist-ok",
                            "--detector", "none", "-m", onnx_, "--log-level", level})
        .err;
  };
  EXPECT_THAT(said("debug"), AllOf(HasSubstr("debug: engine: opencv; "), HasSubstr("debug: detector: none, "),
                                   HasSubstr(" s with all that was written")));
  EXPECT_THAT(said("info"), Not(HasSubstr("debug: ")));
}

TEST_F(Engine, ABatchEndsWithHowManyOfItFailed) {
  const std::string one = folder_.write("one.mp4", "");
  const std::string two = folder_.write("two.mp4", "no video");
  const std::string none_left =
      "2 of 2 recordings failed, a warning names each; the first: " + one + ": the file is empty";
  const Outcome all =
      run(infer_tool, {one, two, "-m", onnx_, "-o", (folder_ / "all").string(), "--detector", "none", "-q"});
  EXPECT_EQ(all.code, kData);
  EXPECT_THAT(all.err, HasSubstr("warning: " + two + ": cannot be read as a video"));
  EXPECT_THAT(all.err, HasSubstr("\nerror: " + none_left));

  const Outcome some = infer({two, one, "-m", onnx_});
  EXPECT_EQ(some.code, kSomeInputsFailed);
  EXPECT_THAT(some.err,
              HasSubstr("warning: 2 of 3 recordings failed, a warning names each; the first: " + two));
  const Outcome last = infer({one, "-m", onnx_, "--exist-ok"});
  EXPECT_THAT(last.err, HasSubstr("warning: 1 of 2 recordings failed: " + one));
}

}  // namespace
}  // namespace fer::test
