#include "fer/core/own_files.hpp"

#include <gmock/gmock.h>

namespace fer {
namespace {

using testing::ElementsAre;

TEST(OwnFiles, AreWhereTheProgramWasInstalledThenInTheCheckoutItWasBuiltFrom) {
  EXPECT_THAT(own_folders("/opt/fer/bin/fer-infer", "data/models"),
              ElementsAre("/opt/fer/share/fer/models", "/opt/data/models", "/data/models",
                          FER_SOURCE_DIR "/data/models"));
}

TEST(OwnFiles, TheCheckoutIsNamedOnceWhateverTheBuildFolder) {
  EXPECT_THAT(own_folders(FER_SOURCE_DIR "/build/asan/bin/fer-infer", "configs"),
              ElementsAre(FER_SOURCE_DIR "/build/asan/share/fer/configs", FER_SOURCE_DIR "/build/configs",
                          FER_SOURCE_DIR "/configs"));
}

TEST(OwnFiles, WithoutAProgramOnlyTheCheckoutIsLeft) {
  EXPECT_THAT(own_folders("", "configs"), ElementsAre(FER_SOURCE_DIR "/configs"));
}

TEST(OwnFiles, TheProgramIsTheOneThatAsks) { EXPECT_EQ(own_program().filename(), "fer_core_tests"); }

}  // namespace
}  // namespace fer
