#include "fer/train/training_plan.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <map>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "train/temp_folder.hpp"

namespace fer::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

/// No model file is found anywhere but in the test's own folder.
class PlanTraining : public TempFolderTest {
 protected:
  PlanTraining() {
    for (const char* name : {"FER_MODELS", "XDG_CACHE_HOME"}) {
      if (const char* value = std::getenv(name)) before_[name] = value;
    }
    ::setenv("FER_MODELS", (folder_ / "a").c_str(), 1);
    ::setenv("XDG_CACHE_HOME", (folder_ / "b").c_str(), 1);
    experiment_.train.device = "cpu";
  }
  ~PlanTraining() override {
    for (const char* name : {"FER_MODELS", "XDG_CACHE_HOME"}) {
      before_.contains(name) ? ::setenv(name, before_[name].c_str(), 1) : ::unsetenv(name);
    }
  }

  fs::path weights_of_plan(const std::string& weights) {
    experiment_.model.weights = weights;
    return plan_training(experiment_, folder_).weights;
  }

  std::string error_of(ErrorKind kind) const {
    try {
      plan_training(experiment_, folder_);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      return error.what();
    }
    return "no error";
  }

  Experiment experiment_;
  std::map<std::string, std::string> before_;
};

TEST_F(PlanTraining, FindsTheWeightsTheExperimentNames) {
  EXPECT_EQ(weights_of_plan("none"), "");
  EXPECT_EQ(weights_of_plan("auto"), "");
  const fs::path file = folder_ / "mobilenet_v2-imagenet.safetensors";
  write_file(file, "x");
  EXPECT_EQ(weights_of_plan("none"), "");
  for (const std::string& weights : {std::string("auto"), std::string("imagenet"), file.string()})
    EXPECT_EQ(weights_of_plan(weights), file);
  EXPECT_THAT(plan_training(experiment_, folder_).device, HasSubstr("cpu"));
}

TEST_F(PlanTraining, SaysHowToGetWhatIsMissing) {
  experiment_.model.weights = "imagenet";
  EXPECT_THAT(error_of(ErrorKind::data),
              AllOf(HasSubstr("fer-data fetch mobilenet_v2"), HasSubstr(folder_.string())));
  experiment_.model.weights = (folder_ / "mine.pth").string();
  EXPECT_THAT(error_of(ErrorKind::data), HasSubstr("mine.pth: there is no such file"));
}

TEST_F(PlanTraining, RefusesADeviceThatIsNotThere) {
  experiment_.model.weights = "none";
  experiment_.train.device = "cup";
  EXPECT_THAT(error_of(ErrorKind::usage), HasSubstr("device 'cup'"));
}

}  // namespace
}  // namespace fer::test
