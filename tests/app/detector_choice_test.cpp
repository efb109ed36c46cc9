#include "detector_choice.hpp"

#include <gtest/gtest.h>

#include "support/scoped_variable.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

class UsualDetectorTest : public testing::Test {
 protected:
  std::string usual(const std::string& trained_with) const {
    return usual_detector({.detector = trained_with}, folder_.path()).facts.name;
  }

  const test::TempFolder folder_;
  const test::ScopedVariable models_{"FER_MODELS", (folder_ / "none").string()};
  const test::ScopedVariable cache_{"XDG_CACHE_HOME", (folder_ / "none").string()};
};

TEST_F(UsualDetectorTest, IsTrainings) {
  EXPECT_EQ(usual("haar"), "haar");
  EXPECT_EQ(usual("mtcnn"), "mtcnn") << "though its files are missing, which loading then says";
}

TEST_F(UsualDetectorTest, OfReadyCutFacesIsYunetWhereItsFileIsFoundElseHaar) {
  EXPECT_EQ(usual("none"), "haar");
  folder_.write("yunet_n_640_640.onnx", "network");
  EXPECT_EQ(usual("none"), "yunet");
}

}  // namespace
}  // namespace fer
