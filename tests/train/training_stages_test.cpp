#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>
#include <gmock/gmock.h>

#include <cmath>

#include "fer/model/backbones.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/classifier.hpp"
#include "fer/model/predictor.hpp"
#include "train/trainer_fixture.hpp"

namespace fer::test {
namespace {

namespace fs = std::filesystem;

TEST_F(TrainerTest, AStagesSizeIsThatOfWhatItLearnsFrom) {
  weights_ = start_file_;
  const auto train_loss = [&](int size) {
    watcher_ = {};
    Experiment experiment = striped_experiment({{.trainable = "head", .lr = 1e-30, .size = size}}, 1);
    experiment.model.dropout = 0;
    return run(experiment, fmt::format("size-{}", size)).epochs[0];
  };
  const EpochResult whole = train_loss(0);
  const EpochResult small = train_loss(16);
  EXPECT_EQ(train_loss(kSide).train_loss, whole.train_loss);
  EXPECT_GT(std::abs(small.train_loss - whole.train_loss), 1e-3);
  EXPECT_EQ(small.val_loss, whole.val_loss);  // at the full size always
}

TEST_F(TrainerTest, AVisionTransformerStartsFromWeightsForAnotherSize) {
  const auto published = make_classifier({.backbone = "vit_tiny_patch16", .input_size = 64});
  weights_ = folder_ / "vit.safetensors";
  write_safetensors(weights_, {.tensors = weights_of(*published), .metadata = {}});
  Experiment experiment = striped_experiment(
      {{.trainable = "last_blocks", .blocks = 2, .lr = 1e-3, .layer_decay = 0.5, .views = 1}}, 2);
  experiment.model.backbone = "vit_tiny_patch16";
  const TrainingResult result = run(experiment);
  EXPECT_EQ(watcher_.fitted, "position embeddings from 4x4 to 2x2");
  EXPECT_GT(watcher_.stages.front().cached_bytes, 0U);
  EXPECT_LT(result.epochs[1].train_loss, result.epochs[0].train_loss);
  const auto predictor = load_predictor(folder_ / "run/best.safetensors", {.device = "cpu"});
  EXPECT_EQ(predictor->facts().preprocessing.size, kSide);
  const auto& scored = result.evaluations.front().scored;
  const std::size_t sample = indices_of(striped_data().parts, Part::val).front();
  EXPECT_THAT(predictor->predict({&striped_data().faces.crops[sample], 1}).front(),
              testing::Pointwise(testing::FloatNear(1e-4F), scored.probabilities.front()));
}

TEST_F(TrainerTest, TheHeadStageLearnsAndLeavesTheBackboneAsItStarted) {
  weights_ = start_file_;
  const TrainingResult result = run(striped_experiment({{.trainable = "head", .lr = 1e-2}}, 2));
  EXPECT_LT(result.epochs[1].train_loss, 0.6 * result.epochs[0].train_loss);
  const TensorMap weights = checkpoint("run/last").weights;
  EXPECT_EQ(weights.size(), start_.size());
  for (const auto& [name, tensor] : weights) {
    const bool head = name.starts_with("classifier.");
    EXPECT_TRUE(head || at::equal(tensor, start_.at(name))) << name;
  }
  EXPECT_EQ(weights.at("classifier.1.bias").numel(), 7);
}

/// What does not learn is computed once or every epoch, by the memory there is: the result is the same.
TEST_F(TrainerTest, CachedActivationsGiveWhatComputingThemGives) {
  weights_ = start_file_;
  for (const StageConfig& stage :
       {StageConfig{.trainable = "head", .lr = 1e-2, .views = 2},
        StageConfig{.trainable = "last_blocks", .blocks = 3, .lr = 1e-3, .views = 3}}) {
    Experiment experiment = striped_experiment({stage}, 4);
    experiment.augment = {};
    watcher_ = {};
    const TrainingResult cached = run(experiment, "cached");
    EXPECT_GT(watcher_.stages.at(0).cached_bytes, 0U);
    experiment.train.activation_cache_gb = 1e-6;
    watcher_ = {};
    const TrainingResult computed = run(experiment, "computed");
    EXPECT_EQ(watcher_.stages.at(0).cached_bytes, 0U);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(cached.epochs[i].train_loss, computed.epochs[i].train_loss, 1e-4) << stage.trainable << i;
      EXPECT_NEAR(cached.epochs[i].val_loss, computed.epochs[i].val_loss, 1e-4) << stage.trainable << i;
    }
    const TensorMap one = checkpoint("cached/last").weights;
    for (const auto& [name, tensor] : checkpoint("computed/last").weights) {
      EXPECT_TRUE(at::allclose(tensor.to(at::kDouble), one.at(name).to(at::kDouble), 1e-3, 1e-4)) << name;
    }
    fs::remove_all(folder_ / "cached");
    fs::remove_all(folder_ / "computed");
  }
}

TEST_F(TrainerTest, MixingNeedsImagesSoNothingIsCached) {
  Experiment experiment = striped_experiment({{.trainable = "head", .lr = 1e-2, .views = 2}}, 1);
  experiment.train.mix.cutmix = 1;
  run(experiment);
  EXPECT_EQ(watcher_.stages.at(0).cached_bytes, 0U);
}

TEST_F(TrainerTest, TheLastBlocksLearnAlone) {
  weights_ = start_file_;
  run(striped_experiment({{.trainable = "last_blocks", .blocks = 2, .lr = 1e-2}}, 1));
  EXPECT_EQ(watcher_.stages.at(0).trainable, "head and the last 2 blocks");
  for (const auto& [name, tensor] : checkpoint("run/last").weights) {
    if (name.starts_with("classifier.")) continue;
    const bool learns = name.starts_with("features.17.") || name.starts_with("features.18.");
    EXPECT_EQ(at::equal(tensor, start_.at(name)), !learns) << name;
  }
}

}  // namespace
}  // namespace fer::test
