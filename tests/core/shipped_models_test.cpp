#include "fer/core/shipped_models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/error_text.hpp"
#include "support/scoped_variable.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kCheckout[] = FER_SOURCE_DIR "/data/models";

TEST(ShippedModels, AreLookedForInFerModelsThenInstalledThenInTheCheckout) {
  const test::ScopedVariable models("FER_MODELS", "/mine");
  EXPECT_THAT(
      shipped_model_folders("/opt/fer/bin/fer-infer"),
      ElementsAre("/mine", "/opt/fer/share/fer/models", "/opt/data/models", "/data/models", kCheckout));
}

TEST(ShippedModels, TheCheckoutIsNamedOnce) {
  const test::ScopedVariable models("FER_MODELS", "");
  EXPECT_THAT(shipped_model_folders(FER_SOURCE_DIR "/build/asan/bin/fer-infer"),
              ElementsAre(FER_SOURCE_DIR "/build/asan/share/fer/models", FER_SOURCE_DIR "/build/data/models",
                          kCheckout));
}

TEST(ShippedModels, ANameGivesTheFileInFerModels) {
  const test::TempFolder folder;
  const test::ScopedVariable models("FER_MODELS", folder.path().string());
  for (const ShippedModel& model : shipped_models()) {
    const fs::path path = folder.write(model.file_name, "weights");
    EXPECT_EQ(model_path(model.name), path);
  }
}

TEST(ShippedModels, APathStaysAPathWhetherItExistsOrNot) {
  EXPECT_EQ(model_path("runs/mine/best.safetensors"), "runs/mine/best.safetensors");
  EXPECT_EQ(model_path("./tiny"), "./tiny");
}

TEST(ShippedModels, AnUnknownWordListsTheNames) {
  EXPECT_EQ(test::error_text(ErrorKind::usage, [] { return model_path("tinny"); }),
            "there is no file 'tinny' and no model of that name, did you mean 'tiny'? (models in the box: "
            "fer, tiny)");
}

TEST(ShippedModels, OneThatIsNotThereSaysWhatToDo) {
  const test::ScopedVariable models("FER_MODELS", "/nowhere");
  if (fs::exists(fs::path(kCheckout) / "fer-tiny.safetensors")) GTEST_SKIP() << "the checkout has the model";
  EXPECT_THAT(test::error_text(ErrorKind::data, [] { return model_path("tiny"); }),
              testing::AllOf(HasSubstr("the model 'tiny' (fer-tiny.safetensors) is not in /nowhere or "),
                             HasSubstr("name the folder that has it with FER_MODELS")));
}

/// What the card promises; a model that is not in the checkout is not measured.
TEST(ShippedModels, FilesInTheCheckoutAreSmall) {
  const std::vector<std::uintmax_t> largest = {6'000'000, 1'500'000};
  int measured = 0;
  for (std::size_t i = 0; i < largest.size(); ++i) {
    const fs::path path = fs::path(kCheckout) / shipped_models()[i].file_name;
    if (!fs::exists(path)) continue;
    ++measured;
    EXPECT_LE(fs::file_size(path), largest[i]) << path;
  }
  if (measured == 0) GTEST_SKIP() << "no model in " << kCheckout;
}

}  // namespace
}  // namespace fer
