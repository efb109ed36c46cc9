#include "fer/core/model_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "support/error_text.hpp"
#include "support/scoped_variable.hpp"
#include "support/temp_folder.hpp"

namespace fer {
namespace {

using testing::EndsWith;

class ModelFilesTest : public testing::Test {
 protected:
  const test::TempFolder folder_;
  const std::filesystem::path named_ = folder_.path() / "named";
  const std::filesystem::path environment_ = folder_.path() / "environment";
  const std::filesystem::path cache_ = folder_.path() / "cache/fer/models";
  const test::ScopedVariable models_variable_{"FER_MODELS", environment_.string()};
  const test::ScopedVariable cache_variable_{"XDG_CACHE_HOME", (folder_.path() / "cache").string()};
  const ModelFile& file_ = model_file("mobilenet_v2");

  std::filesystem::path put(const std::filesystem::path& folder, const std::string& name) const {
    return folder_.write((folder / name).lexically_relative(folder_.path()), "weights");
  }
};

TEST_F(ModelFilesTest, EveryRowIsComplete) {
  std::set<std::string> names;
  for (const ModelFile& file : model_files()) {
    EXPECT_TRUE(names.insert(file.name).second) << file.name;
    ASSERT_FALSE(file.file_names.empty()) << file.name;
    EXPECT_TRUE(file.url.starts_with("https://")) << file.name;
    EXPECT_GE(file.sha256.size(), 8U) << file.name;
    EXPECT_LE(file.sha256.size(), 64U) << file.name;
    EXPECT_EQ(file.sha256.find_first_not_of("0123456789abcdef"), std::string::npos) << file.name;
    EXPECT_FALSE(file.licence.empty()) << file.name;
    // fetch writes what the publisher calls it, models of several files into a folder of their own
    EXPECT_THAT(file.url, EndsWith("/" + std::filesystem::path(file.file_names.back()).filename().string()));
    EXPECT_EQ(&model_file(file.name), &file);
  }
}

TEST_F(ModelFilesTest, AnUnknownNameIsAUsageErrorWithTheNearest) {
  const std::string known =
      "(known: mobilenet_v2, mobilenet_v3_small, mobilenet_v3_large, efficientnet_b0, efficientnet_b1, "
      "efficientnet_b2, efficientnet_b3, efficientnet_b4, resnet18, resnet50, vit_tiny_patch16, "
      "vit_small_patch16, vit_base_patch16, "
      "yunet, mtcnn, blazeface, "
      "blazeface_back)";
  EXPECT_EQ(test::error_text(ErrorKind::usage, [] { return model_file("mobilenetv2"); }),
            "no model file is called 'mobilenetv2', did you mean 'mobilenet_v2'? " + known);
  EXPECT_EQ(test::error_text(ErrorKind::usage, [] { return model_file("vgg"); }),
            "no model file is called 'vgg' " + known);
}

TEST_F(ModelFilesTest, ABackboneThatCannotBeFetchedIsLookedForByItsName) {
  EXPECT_EQ(imagenet_weights("resnet18").url, model_file("resnet18").url);
  const ModelFile file = imagenet_weights("efficientnet_lite0");
  EXPECT_EQ(
      test::error_text(ErrorKind::data, [&] { return require_model_file(file, named_); }),
      "the weights of efficientnet_lite0 are not in " + named_.string() + " or " + environment_.string() +
          " or " + cache_.string() +
          ": efficientnet_lite0-imagenet.safetensors or efficientnet_lite0-imagenet.pth was looked for, "
          "which 'fer-data fetch' does not know");
  const auto path = put(named_, "efficientnet_lite0-imagenet.pth");
  EXPECT_EQ(require_model_file(file, named_), path);
}

TEST_F(ModelFilesTest, AModelOfSeveralFilesIsFetchedByOneName) {
  std::vector<std::string> names;
  for (const ModelFile& file : files_of_model("mtcnn")) names.push_back(file.name);
  EXPECT_THAT(names, testing::ElementsAre("mtcnn/pnet", "mtcnn/rnet", "mtcnn/onet"));
  EXPECT_EQ(files_of_model("blazeface").size(), 1U) << "blazeface_back is another model";
  EXPECT_THAT(test::error_text(ErrorKind::usage, [] { return files_of_model("mtcn"); }),
              testing::HasSubstr("did you mean 'mtcnn'?"));
  EXPECT_THAT(
      test::error_text(ErrorKind::data, [] { return require_model_file(model_file("mtcnn/onet"), {}); }),
      testing::HasSubstr("run 'fer-data fetch mtcnn'"));
}

TEST_F(ModelFilesTest, FilesAreFoundInAFolderOfTheirOwnAndWithoutOne) {
  const ModelFile& file = model_file("mtcnn/rnet");
  const auto inside = put(named_, "mtcnn/rnet.pt");
  EXPECT_EQ(find_model_file(file, named_), inside);
  const auto flat = put(named_, "rnet.pt");
  EXPECT_EQ(find_model_file(file, named_), flat);
}

TEST_F(ModelFilesTest, FetchedFilesGoToFerModelsElseToTheCache) {
  EXPECT_EQ(default_models_folder(), environment_);
  const test::ScopedVariable unset("FER_MODELS", std::nullopt);
  EXPECT_EQ(default_models_folder(), cache_);
  const test::ScopedVariable empty("FER_MODELS", "");
  EXPECT_EQ(default_models_folder(), cache_);
}

TEST_F(ModelFilesTest, WithoutXdgCacheHomeTheCacheIsInTheHomeFolder) {
  const test::ScopedVariable no_models("FER_MODELS", std::nullopt);
  const test::ScopedVariable no_cache("XDG_CACHE_HOME", std::nullopt);
  const test::ScopedVariable home("HOME", "/home/somebody");
  EXPECT_EQ(default_models_folder(), "/home/somebody/.cache/fer/models");
}

TEST_F(ModelFilesTest, TheNamedFolderWinsThenFerModelsThenTheCache) {
  const std::string& name = file_.file_names.back();
  EXPECT_EQ(find_model_file(file_, named_), std::nullopt);
  const auto in_cache = put(cache_, name);
  EXPECT_EQ(find_model_file(file_, named_), in_cache);
  const auto in_environment = put(environment_, name);
  EXPECT_EQ(find_model_file(file_, named_), in_environment);
  const auto in_named = put(named_, name);
  EXPECT_EQ(find_model_file(file_, named_), in_named);
  EXPECT_EQ(find_model_file(file_, {}), in_environment);
}

TEST_F(ModelFilesTest, TheNamedFolderWinsWhateverTheFileIsCalled) {
  put(cache_, file_.file_names.front());
  const auto in_named = put(named_, file_.file_names.back());
  EXPECT_EQ(find_model_file(file_, named_), in_named);
}

TEST_F(ModelFilesTest, WithinAFolderTheFirstNameWins) {
  ASSERT_GE(file_.file_names.size(), 2U);
  for (auto name = file_.file_names.rbegin(); name != file_.file_names.rend(); ++name) {
    const auto path = put(named_, *name);
    EXPECT_EQ(find_model_file(file_, named_), path);
  }
}

TEST_F(ModelFilesTest, AFolderOfThatNameIsNoModelFile) {
  std::filesystem::create_directories(named_ / file_.file_names.front());
  EXPECT_EQ(find_model_file(file_, named_), std::nullopt);
}

TEST_F(ModelFilesTest, RequireGivesThePathOrTheCommandThatFetchesIt) {
  EXPECT_EQ(test::error_text(ErrorKind::data, [&] { return require_model_file(file_, named_); }),
            "the weights of mobilenet_v2 are not in " + named_.string() + " or " + environment_.string() +
                " or " + cache_.string() +
                ": run 'fer-data fetch mobilenet_v2', or name the folder with --models-dir");
  const auto path = put(cache_, file_.file_names.front());
  EXPECT_EQ(require_model_file(file_, named_), path);
}

}  // namespace
}  // namespace fer
