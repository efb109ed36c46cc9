#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "app/tool_runs.hpp"
#include "fer/core/files.hpp"
#include "fer/data/synthetic_face.hpp"
#include "fer/vision/image.hpp"
#include "support/scoped_variable.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using test::Outcome;
using test::run;
using ::testing::HasSubstr;
using ::testing::Not;

/// A folder with a drawn face, a blank image and a file that is none, and no model files anywhere.
class BenchTool : public testing::Test {
 protected:
  BenchTool() {
    folder_.write("images/notes.txt", "not looked at");
    write_image(images_ / "face.png", render_face({}, {160, 200}));
    write_image(images_ / "blank.png", cv::Mat(60, 80, CV_8UC3, cv::Scalar::all(90)));
  }

  const test::TempFolder folder_;
  const fs::path images_ = folder_.path() / "images";
  const test::ScopedVariable models_{"FER_MODELS", (folder_.path() / "none").string()};
  const test::ScopedVariable cache_{"XDG_CACHE_HOME", (folder_.path() / "none").string()};
};

TEST_F(BenchTool, WithoutModelFilesComparesWhatNeedsNone) {
  const fs::path json = folder_.path() / "bench.json";
  const Outcome outcome =
      run(bench_tool, {"detectors", images_.string(), "--json", json.string(), "--threads", "1"});
  EXPECT_EQ(outcome.code, kOk) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("haar"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("yunet")));
  EXPECT_THAT(outcome.err, HasSubstr("yunet is left out: 'fer-data fetch yunet' fetches its files"));
  const auto figures = nlohmann::json::parse(read_file(json));
  ASSERT_EQ(figures["detectors"].size(), 1U);
  EXPECT_EQ(figures["detectors"][0]["images"], 2);
  EXPECT_EQ(figures["detectors"][0]["images_with_face"], 1);
  EXPECT_EQ(figures["setting"]["threads"], 1);
  EXPECT_EQ(figures["inputs"][0]["path"], "blank.png");
}

TEST_F(BenchTool, WritesPicturesOfEveryImage) {
  const fs::path pictures = folder_.path() / "pictures";
  EXPECT_EQ(
      run(bench_tool, {"detectors", (images_ / "*.png").string(), "--pictures", pictures.string()}).code,
      kOk);
  EXPECT_GT(read_image(pictures / "face.png.jpg").rows, 200);
  EXPECT_TRUE(fs::exists(pictures / "blank.png.jpg"));
}

TEST_F(BenchTool, AFileThatCannotBeReadIsReportedAndTheRestGoesOn) {
  folder_.write("images/broken.jpg", "no image");
  const Outcome outcome = run(bench_tool, {"detectors", images_.string()});
  EXPECT_EQ(outcome.code, kSomeInputsFailed);
  EXPECT_THAT(outcome.err, HasSubstr("broken.jpg: cannot be decoded"));
  EXPECT_THAT(outcome.out, HasSubstr("face.png"));
}

TEST_F(BenchTool, WithNothingToReadItIsADataErrorAndWritesNothing) {
  const fs::path json = folder_.path() / "bench.json";
  const auto code = [&](const fs::path& input) {
    return run(bench_tool, {"detectors", input.string(), "--json", json.string()}).code;
  };
  EXPECT_EQ(code(images_ / "absent.png"), kData);
  EXPECT_EQ(code(images_ / "*.webp"), kData);
  fs::create_directory(folder_.path() / "empty");
  EXPECT_EQ(code(folder_.path() / "empty"), kData);
  EXPECT_FALSE(fs::exists(json));
}

TEST_F(BenchTool, ADetectorThatIsNamedMustBeThere) {
  const Outcome missing = run(bench_tool, {"detectors", images_.string(), "--detectors", "haar,mtcnn"});
  EXPECT_EQ(missing.code, kData);
  EXPECT_THAT(missing.err, HasSubstr("run 'fer-data fetch mtcnn'"));
  const Outcome unknown = run(bench_tool, {"detectors", "--detectors", "mtcn", images_.string()});
  EXPECT_EQ(unknown.code, kUsage);
  EXPECT_THAT(unknown.err, HasSubstr("did you mean 'mtcnn'?"));
  EXPECT_EQ(run(bench_tool, {"detectors", images_.string(), "--min-size", "2"}).code, kUsage);
  EXPECT_EQ(run(bench_tool, {"detectors"}).code, kUsage);
}

TEST_F(BenchTool, HelpListsTheDetectors) {
  const Outcome help = run(bench_tool, {"detectors", "--help"});
  for (const char* name : {"haar", "yunet", "mtcnn", "blazeface", "blazeface_back", "none"})
    EXPECT_THAT(help.out, HasSubstr(name));
}

}  // namespace
}  // namespace fer
