#include <gmock/gmock.h>

#include <array>

#include "fer/config/load.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/data/synthetic_dataset.hpp"
#include "fer/model/backbones.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/classifier.hpp"
#include "fer/model/predictor.hpp"
#include "fer/train/trainer.hpp"
#include "support/error_text.hpp"
#include "train/temp_folder.hpp"

namespace fer::test {
namespace {

using testing::HasSubstr;

class Silent final : public TrainingObserver {
 public:
  void on_batch(int, std::size_t, std::size_t) override {}
  void on_epoch(const EpochResult&, bool) override {}
};

/// One epoch on six drawn people by YAML alone.
class BackboneTraining : public TempFolderTest {
 protected:
  BackboneTraining() {
    SyntheticKdefOptions options;
    options.folder = folder_ / "faces";
    options.subjects = 6;
    options.sessions = 1;
    options.angles = {"S"};
    write_synthetic_kdef(options, {});
  }

  Experiment experiment(const std::string& yaml) const {
    write_file(folder_ / "x.yaml", yaml);
    const std::array files = {folder_ / "x.yaml"};
    const std::array<std::string, 7> overrides = {
        "data.sources=[{kind: kdef, root: " + (folder_ / "faces").string() + "}]",
        "data.cache.folder=" + (folder_ / "crops").string(),
        "face.detector=none",
        "model.weights=none",
        "input.size=32",
        "train.epochs=1",
        "train.precision=fp32"};
    return load_experiment(files, overrides);
  }

  /// The best checkpoint, which a predictor takes.
  CheckpointInfo trained(const std::string& yaml) const {
    const Experiment chosen = experiment(yaml);
    const TrainingPlan plan = plan_training(chosen, folder_);
    const TrainingData data = prepare_training_data(chosen, folder_, {}, {});
    make_folder(folder_ / "run");
    Silent silent;
    train(chosen, plan, data, folder_ / "run", silent, {});
    const auto path = folder_ / "run/best.safetensors";
    const std::vector<cv::Mat> crops = {cv::Mat(32, 32, CV_8UC3, cv::Scalar(90, 120, 150))};
    EXPECT_EQ(load_predictor(path, {.device = "cpu"})->predict(crops).at(0).size(), 7U);
    return load_checkpoint(path).info;
  }
};

TEST_F(BackboneTraining, TakesAResnetByNameAlone) {
  EXPECT_EQ(trained("model: {backbone: resnet18}\n").backbone, "resnet18");
}

TEST_F(BackboneTraining, ThawsTheLastBlocksOfAnEfficientNetOnCachedActivations) {
  const CheckpointInfo info = trained(
      "model: {backbone: efficientnet_b0}\n"
      "train: {stages: [{trainable: last_blocks, blocks: 2, views: 1, layer_decay: 0.8}]}\n");
  EXPECT_EQ(info.backbone, "efficientnet_b0");
}

TEST_F(BackboneTraining, TrainsTheHeadOfAMobileNetV3) {
  const CheckpointInfo info =
      trained("model: {backbone: mobilenet_v3_small}\ntrain: {stages: [{trainable: head}]}\n");
  EXPECT_EQ(info.backbone, "mobilenet_v3_small");
}

TEST_F(BackboneTraining, KeepsTheWidthInTheCheckpoint) {
  EXPECT_EQ(trained("model: {width: 0.25}\n").width, 0.25);
}

TEST_F(BackboneTraining, RefusesBeforeTheDataWhatABackboneDoesNotTake) {
  const auto refusal = [&](Experiment wanted, int size) {
    wanted.input.size = size;
    return error_text(ErrorKind::usage, [&] { plan_training(wanted, folder_); });
  };
  EXPECT_EQ(refusal(experiment("model: {backbone: resnet18, width: 0.5}\n"), 32),
            "width 0.5: resnet18 comes in one width, 1");
  EXPECT_EQ(refusal(experiment("model: {backbone: vit_tiny_patch16}\n"), 40),
            "input size: vit_tiny_patch16 takes multiples of 16 pixels, not 40");
  EXPECT_EQ(refusal(experiment("model: {backbone: vit_tiny_patch16}\ntrain: {stages: [{size: 32}]}\n"), 64),
            "train.stages.0.size: vit_tiny_patch16 learns at input.size = 64 alone, not at 32");
}

TEST_F(BackboneTraining, LooksForImagenetsWeightsByTheBackbonesName) {
  Experiment wanted = experiment("model: {backbone: efficientnet_lite0}\n");
  wanted.model.weights = "imagenet";
  write_file(folder_ / "efficientnet_lite0-imagenet.pth", "x");
  EXPECT_EQ(plan_training(wanted, folder_).weights, folder_ / "efficientnet_lite0-imagenet.pth");
}

TEST_F(BackboneTraining, KnowsEveryRowOfTheTable) {
  for (const BackboneKind& kind : backbones())
    EXPECT_EQ(experiment("model: {backbone: " + kind.name + "}\n").model.backbone, kind.name);
}

}  // namespace
}  // namespace fer::test
