#include "fer/config/sweep.hpp"

#include <gmock/gmock.h>

#include "support.hpp"
#include "support/error_text.hpp"

namespace fer {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

/// Sweeps over an experiment of the defaults and one source.
class SweepOf : public ConfigTest {
 protected:
  Sweep sweep(const std::string& text) const {
    write_file(folder_ / "sweep.yaml", text);
    return load_sweep(folder_ / "sweep.yaml");
  }

  std::vector<SweepRun> expand(const std::string& text, std::vector<std::string> overrides = {}) const {
    overrides.insert(overrides.begin(), kSource);
    return expand_sweep(sweep(text), {}, overrides);
  }

  std::vector<std::string> names(const std::string& text,
                                 const std::vector<std::string>& overrides = {}) const {
    std::vector<std::string> found;
    for (const SweepRun& run : expand(text, overrides)) found.push_back(run.name);
    return found;
  }

  /// Without the folder's name.
  std::string refusal(const std::string& text, const std::vector<std::string>& overrides = {}) const {
    std::string error = test::error_text(ErrorKind::usage, [&] { return expand(text, overrides); });
    const std::string prefix = folder_.string() + "/";
    for (std::size_t at; (at = error.find(prefix)) != std::string::npos;) error.erase(at, prefix.size());
    return error;
  }
};

TEST_F(SweepOf, AFileSaysWhatVariesInItsOrder) {
  const Sweep read = sweep(
      "folds: 5\nseeds: [7, 1]\nvary:\n  train.stages: [[{lr: 1e-3}], []]\n  model.backbone: [resnet18]\n");
  EXPECT_EQ(read.name, "sweep");
  EXPECT_EQ(read.folds, 5);
  EXPECT_THAT(read.seeds, ElementsAre(7U, 1U));
  ASSERT_EQ(read.vary.size(), 2U);
  EXPECT_EQ(read.vary[0].key, "train.stages");
  EXPECT_THAT(read.vary[0].values, ElementsAre("[{lr: 1e-3}]", "[]"));
  EXPECT_EQ(read.vary[0].place, (folder_ / "sweep.yaml").string() + ":4");
  EXPECT_THAT(read.vary[1].values, ElementsAre("resnet18"));
}

TEST_F(SweepOf, AllCombinationsTheFirstKeySlowestThenSeedsThenFolds) {
  EXPECT_THAT(names("folds: 2\nseeds: 2\nvary: {model.backbone: [mobilenet_v2, resnet18]}"),
              ElementsAre("mobilenet_v2-seed42-fold1", "mobilenet_v2-seed42-fold2",
                          "mobilenet_v2-seed43-fold1", "mobilenet_v2-seed43-fold2", "resnet18-seed42-fold1",
                          "resnet18-seed42-fold2", "resnet18-seed43-fold1", "resnet18-seed43-fold2"));
}

TEST_F(SweepOf, EachRunIsAnExperimentOfItsOwn) {
  const auto runs = expand(
      "name: lr\nfolds: 3\nseeds: [1, 2]\nvary:\n  train.stages.0.lr: [1e-3, 1e-4]\n  data.split.val: "
      "[0.25]\n",
      {"experiment.output=out", "data.split.test=0.2"});
  ASSERT_EQ(runs.size(), 12U);
  const SweepRun& run = runs[10];
  EXPECT_EQ(run.number, 11);
  EXPECT_EQ(run.name, "lr1e-4-seed2-fold2");
  EXPECT_EQ(run.variant, "lr1e-4");
  EXPECT_THAT(run.values, ElementsAre("1e-4", "0.25"));
  EXPECT_EQ(run.seed, 2U);
  EXPECT_EQ(run.fold, 2);
  Experiment expected;
  expected.experiment = {.name = "lr1e-4-seed2-fold2", .seed = 2, .output = "out/lr"};
  expected.data.sources = {SourceConfig{.root = "/data"}};
  expected.data.split = {.method = "kfold", .val = 0.25, .test = 0, .folds = 3, .fold = 2};
  expected.train.stages[0].lr = 1e-4;
  EXPECT_EQ(run.experiment, expected);
}

TEST_F(SweepOf, AnExperimentAlreadyInFoldsKeepsItsMethod) {
  const auto runs = expand("folds: 4", {"data.split={method: random_kfold, fold: 0}"});
  ASSERT_EQ(runs.size(), 4U);
  EXPECT_EQ(runs[3].experiment.data.split.method, "random_kfold");
  EXPECT_EQ(runs[3].experiment.data.split.fold, 4);
  EXPECT_EQ(runs[3].variant, "base");
}

TEST_F(SweepOf, ListsAndMapsAreValuesToo) {
  const auto runs = expand(
      "vary:\n  train.balance: [[], [label, source]]\n  train.optimizer: [{name: sgd, momentum: 0.5}, {name: "
      "adam}]\n");
  ASSERT_EQ(runs.size(), 4U);
  EXPECT_EQ(runs[2].name, "balance2-optimizer1");
  EXPECT_THAT(runs[2].experiment.train.balance, ElementsAre("label", "source"));
  EXPECT_EQ(runs[2].experiment.train.optimizer.name, "sgd");
  EXPECT_EQ(runs[2].experiment.train.optimizer.momentum, 0.5);
  EXPECT_EQ(runs[3].experiment.train.optimizer.momentum, 0.9) << "maps are laid over the experiment's";
}

TEST_F(SweepOf, NamesAreReadableAndCanBeFolders) {
  EXPECT_THAT(names("vary: {face.grey: [true, false]}"), ElementsAre("grey_true", "grey_false"));
  EXPECT_THAT(names("vary: {model.weights: [none, 'my models/a b.pth', x/last-1.safetensors]}"),
              ElementsAre("weights_none", "a_b.pth", "last_1.safetensors"));
  EXPECT_THAT(names("vary: {model.weights: [a/best.pth, b/best.pth]}"), ElementsAre("weights1", "weights2"));
  EXPECT_THAT(names("vary: {train.schedule.patience: [1, 2], train.early_stopping.patience: [3]}"),
              ElementsAre("schedule.patience1", "schedule.patience2"));
  EXPECT_THAT(names("vary: {train.stages.0.lr: [1e-3, 2e-3]}"), ElementsAre("lr1e-3", "lr2e-3"));
  EXPECT_THAT(names("vary: {model.weights: [configs, fer]}"), ElementsAre("run001", "run002"))
      << "a sweep has a folder of that name";
  EXPECT_THAT(names("seeds: 1"), ElementsAre("run"));
}

TEST_F(SweepOf, WhatIsWrongIsNamedWithItsLine) {
  EXPECT_EQ(refusal("seeds: 2\nfold: 10\n"), "sweep.yaml:2: unknown key 'fold', did you mean 'folds'?");
  EXPECT_EQ(refusal("vary:\n  model.backbon: [resnet18]\n"),
            "sweep.yaml:2: unknown key 'model.backbon', did you mean 'model.backbone'?");
  EXPECT_THAT(refusal("vary:\n  train.epochs: [1, 2]\n  model.backbone: [resnet18, resnet81]\n"),
              AllOf(StartsWith("sweep.yaml:3: model.backbone: expected "),
                    HasSubstr("got 'resnet81', did you mean 'resnet18'?")));
  EXPECT_EQ(refusal("vary: {train.epochs: 3}"),
            "sweep.yaml:1: vary.train.epochs: expected a list of values, got '3'");
  EXPECT_EQ(refusal("vary: {train.epochs: [3, 4, 3]}"),
            "sweep.yaml:1: vary.train.epochs: 3 stands there twice");
  EXPECT_EQ(refusal("seeds: []"), "sweep.yaml:1: seeds: expected a number or a list of seeds, got a list");
  EXPECT_EQ(refusal("seeds: [1, -2]"),
            "sweep.yaml:1: seeds: expected a whole number from 0 to 18446744073709551615, got '-2'");
  EXPECT_EQ(refusal("- 1"), "sweep.yaml:1: the sweep: expected a map, got a list");
  EXPECT_EQ(refusal("name: a/b"), "sweep.yaml: name: expected the name of a folder, got 'a/b'");
  EXPECT_EQ(refusal("vary: {experiment.seed: [1, 2]}"),
            "sweep.yaml:1: vary.experiment.seed: say it as 'seeds'");
  EXPECT_THAT(refusal("vary: {experiment.name: [a, b]}"),
              HasSubstr("names its runs and their folders itself"));
  EXPECT_THAT(refusal("vary: {train.epochs: [1]}", {"train.epoch=3"}),
              StartsWith("--set train.epoch=3: unknown key"));
}

TEST_F(SweepOf, RunsThatWouldBeSeveralOrTheSameAreRefused) {
  EXPECT_EQ(refusal("seeds: 2", {"train.repeats=3"}),
            "train.repeats: expected 1 in a sweep, got 3; sweep.yaml may have 'seeds: 3'");
  EXPECT_EQ(refusal("seeds: 2", {"data.split={method: kfold, fold: 0}"}),
            "data.split.fold: 0 stands for all folds; sweep.yaml may have 'folds: 10'");
  EXPECT_THAT(
      refusal("folds: 3", {"data.split={method: group_out, group: sex}"}),
      StartsWith("sweep.yaml: folds: with data.split.method group_out there are as many as values of sex"));
  EXPECT_EQ(refusal("vary: {train.stages.0.lr: [0.001, 1e-3]}"),
            "sweep.yaml: the runs lr0.001 and lr1e-3 would be the same experiment");
  EXPECT_EQ(refusal("seeds: 1000\nfolds: 11"), "sweep.yaml: makes more than 10000 runs");
}

TEST_F(SweepOf, TheExampleIsFoldsTimesSeedsTimesBackbones) {
  const ScopedVariable root("KDEF_ROOT", "/data/KDEF");
  const std::vector<std::filesystem::path> base = {FER_SOURCE_DIR "/configs/kdef-10fold.yaml"};
  const auto runs = expand_sweep(load_sweep(FER_SOURCE_DIR "/configs/sweep-kdef.yaml"), base, {});
  ASSERT_EQ(runs.size(), 60U);
  EXPECT_EQ(runs.back().name, "resnet18-seed44-fold10");
  EXPECT_EQ(runs.back().experiment.experiment.output, "runs/kdef-sweep");
}

TEST_F(SweepOf, TheFirstDifferenceOfTwoExperimentsIsNamed) {
  const auto runs = expand("vary: {train.stages.0.lr: [1e-3, 1e-4], train.balance: [[], [label]]}");
  EXPECT_EQ(first_difference(runs[0].experiment, runs[0].experiment), "");
  Experiment other = runs[0].experiment;
  other.train.stages[0].lr = 0.5;
  EXPECT_EQ(first_difference(runs[0].experiment, other), "train.stages.0.lr is 0.5 and was 0.001");
  other = runs[0].experiment;
  other.train.balance = {"label", "source"};
  EXPECT_EQ(first_difference(runs[0].experiment, other), "train.balance is [label, source] and was []");
  other = runs[0].experiment;
  other.data.bins["age"] = {"30"};
  EXPECT_EQ(first_difference(runs[0].experiment, other), "data.bins.age is [30] and was not there");
  EXPECT_EQ(first_difference(other, runs[0].experiment), "data.bins.age was [30] and is not there");
}

}  // namespace
}  // namespace fer
