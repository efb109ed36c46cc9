#include "fer/train/training_plan.hpp"

#include <gmock/gmock.h>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "support/scoped_variable.hpp"
#include "train/temp_folder.hpp"

namespace fer::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

/// No model file is found anywhere but in the test's own folder.
class PlanTraining : public TempFolderTest {
 protected:
  PlanTraining() { experiment_.train.device = "cpu"; }

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

  const ScopedVariable models_{"FER_MODELS", (folder_ / "a").string()};
  const ScopedVariable cache_{"XDG_CACHE_HOME", (folder_ / "b").string()};
  Experiment experiment_;
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
