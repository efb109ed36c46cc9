#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/tool_runs.hpp"
#include "engine/golden_onnx.hpp"
#include "fer/vision/image.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(WithoutLibTorch, SaysWhatToDoWithACheckpointOrAnotherDetector) {
  const TempFolder folder;
  write_image(folder / "pictures/1.png", golden_picture());
  const auto infer = [&](const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {(folder / "pictures").string(), "-o", (folder / "out").string()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return run(infer_tool, all);
  };
  for (const std::string engine : {"auto", "libtorch"}) {
    const Outcome checkpoint =
        infer({"-m", folder.write("best.safetensors", std::string(64, ' ')), "--engine", engine});
    EXPECT_EQ(checkpoint.code, kUsage);
    EXPECT_THAT(checkpoint.err, AllOf(HasSubstr("best.safetensors"), HasSubstr("'fer-export'")));
  }
  const Outcome run_folder = infer({"-m", folder.path().string()});
  EXPECT_EQ(run_folder.code, kUsage);
  EXPECT_THAT(run_folder.err, AllOf(HasSubstr("is a folder; without LibTorch a model is an ONNX file"),
                                    HasSubstr("'fer-export'")));
  const Outcome detector = infer({"-m", kOnnxFiles / "small.onnx", "--detector", "mtcnn"});
  EXPECT_EQ(detector.code, kUsage);
  EXPECT_THAT(detector.err,
              AllOf(HasSubstr("'mtcnn'"), HasSubstr("known: haar, yunet, none"), HasSubstr("LibTorch")));
}

}  // namespace
}  // namespace fer::test
