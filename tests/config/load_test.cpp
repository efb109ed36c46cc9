#include <gmock/gmock.h>

#include "support.hpp"

namespace fer {
namespace {

using testing::ElementsAre;

class Load : public ConfigTest {};

TEST_F(Load, ReadsEveryTypeOfValue) {
  const Experiment experiment = load({R"(
experiment: {name: trial, seed: 18446744073709551615}
data:
  sources:
    - {kind: folder, root: /data/faces}
    - {kind: csv, root: 'lists/my list.csv'}
  classes: [happy, sad]
face:
  grey: true
train:
  epochs: 12
  stages:
    - {trainable: head, epochs: 2, lr: 1e-3}
    - {trainable: all}
)"});
  EXPECT_EQ(experiment.experiment.name, "trial");
  EXPECT_EQ(experiment.experiment.seed, 18446744073709551615U);
  ASSERT_EQ(experiment.data.sources.size(), 2U);
  EXPECT_EQ(experiment.data.sources[0], (SourceConfig{.kind = "folder", .root = "/data/faces"}));
  EXPECT_EQ(experiment.data.sources[1], (SourceConfig{.kind = "csv", .root = "lists/my list.csv"}));
  EXPECT_THAT(experiment.data.classes, ElementsAre("happy", "sad"));
  EXPECT_TRUE(experiment.face.grey);
  EXPECT_EQ(experiment.train.epochs, 12);
  ASSERT_EQ(experiment.train.stages.size(), 2U);
  EXPECT_EQ(experiment.train.stages[0], (StageConfig{.trainable = "head", .epochs = 2, .lr = 1e-3}));
  EXPECT_EQ(experiment.train.stages[1], StageConfig{});
  EXPECT_EQ(experiment.augment, AugmentConfig{});
}

TEST_F(Load, WhatIsNotSaidStaysAtItsDefault) {
  Experiment expected;
  expected.data.sources = {SourceConfig{.root = "/data"}};
  EXPECT_EQ(load({}, {kSource}), expected);
  for (const char* empty : {"", "# nothing but a comment\n", "---\n", "{}", "\xEF\xBB\xBF"}) {
    EXPECT_EQ(load({empty}, {kSource}), expected) << empty;
  }
}

TEST_F(Load, LaterFilesWinMapsMergeAndListsAreReplaced) {
  const Experiment experiment = load({R"(
data: {sources: [{root: /one}, {root: /two}]}
train: {epochs: 50, batch_size: 8, optimizer: {name: sgd, momentum: 0.5}}
)",
                                      R"(
data: {sources: [{kind: csv, root: three.csv}]}
train: {epochs: 60, optimizer: {momentum: 0.6}}
)",
                                      "train: {epochs: 70}"});
  EXPECT_THAT(experiment.data.sources, ElementsAre(SourceConfig{.kind = "csv", .root = "three.csv"}));
  EXPECT_EQ(experiment.train.epochs, 70);
  EXPECT_EQ(experiment.train.batch_size, 8);
  EXPECT_EQ(experiment.train.optimizer.name, "sgd");
  EXPECT_EQ(experiment.train.optimizer.momentum, 0.6);
}

TEST_F(Load, WindowsLineEndsAndAnchorsAreFine) {
  const Experiment experiment = load({"data:\r\n  sources: [&a {root: /data}, *a]\r\n"});
  EXPECT_THAT(experiment.data.sources,
              ElementsAre(SourceConfig{.root = "/data"}, SourceConfig{.root = "/data"}));
}

TEST_F(Load, OverridesWinOverFilesAndLaterOnesOverEarlier) {
  const Experiment experiment =
      load({"train: {epochs: 50, batch_size: 8}"}, {kSource, "train.epochs=60", "train.epochs=70"});
  EXPECT_EQ(experiment.train.epochs, 70);
  EXPECT_EQ(experiment.train.batch_size, 8);
}

TEST_F(Load, OverridesReachIntoLists) {
  const Experiment experiment =
      load({"data: {sources: [{kind: csv, root: a.csv}]}\ntrain: {epochs: 9}"},
           {"data.sources.0.root=b.csv", "data.sources.1.root=/c=d", "train.stages.0.epochs=4",
            "train.stages.1.lr=0.5", "data.classes=[sad, happy]", "data.classes.1=angry"});
  EXPECT_THAT(experiment.data.sources, ElementsAre(SourceConfig{.kind = "csv", .root = "b.csv"},
                                                   SourceConfig{.kind = "kdef", .root = "/c=d"}));
  EXPECT_THAT(experiment.train.stages, ElementsAre(StageConfig{.epochs = 4}, StageConfig{.lr = 0.5}));
  EXPECT_THAT(experiment.data.classes, ElementsAre("sad", "angry"));
}

TEST_F(Load, OverridesTakeYamlAndMergeMaps) {
  const Experiment experiment =
      load({"train: {optimizer: {momentum: 0.5}}"},
           {kSource, "train.stages=[{trainable: head, epochs: 3}, {}]", "train.optimizer={name: sgd}",
            " train.batch_size = 4 ", "experiment.name='a b'", "data.split.method=random"});
  EXPECT_THAT(experiment.train.stages,
              ElementsAre(StageConfig{.trainable = "head", .epochs = 3}, StageConfig{}));
  EXPECT_EQ(experiment.train.optimizer.name, "sgd");
  EXPECT_EQ(experiment.train.optimizer.momentum, 0.5);
  EXPECT_EQ(experiment.train.batch_size, 4);
  EXPECT_EQ(experiment.experiment.name, "a b");
  EXPECT_EQ(experiment.data.split.method, "random");
}

TEST_F(Load, AnOverrideRepairsWhatTheFileLeftOpen) {
  const ScopedVariable unset("FER_TEST_ROOT", std::nullopt);
  const std::string file = "data:\n  sources:\n    - root: ${FER_TEST_ROOT}\ntrain:\n";
  const Experiment experiment = load({file}, {"data.sources.0.root=/data", "train.epochs=3"});
  EXPECT_EQ(experiment.data.sources[0].root, "/data");
  EXPECT_EQ(experiment.train.epochs, 3);
}

TEST_F(Load, VariablesAreExpandedInsideAnyScalar) {
  const ScopedVariable root("FER_TEST_ROOT", "/my data");
  const ScopedVariable epochs("FER_TEST_EPOCHS", "7");
  const ScopedVariable empty("FER_TEST_EMPTY", "");
  const ScopedVariable unset("FER_TEST_UNSET", std::nullopt);
  const Experiment experiment = load({R"(
experiment: {output: "${FER_TEST_UNSET:-out/here}${FER_TEST_EMPTY}", name: "a${FER_TEST_UNSET:-}b"}
data:
  sources:
    - root: ${FER_TEST_ROOT}/KDEF
    - root: $${FER_TEST_ROOT} costs $5 {x}
    - root: ${FER_TEST_EMPTY:-full}
train:
  epochs: ${FER_TEST_EPOCHS}
)"},
                                     {"train.batch_size=${FER_TEST_EPOCHS}"});
  EXPECT_EQ(experiment.experiment.output, "out/here");
  EXPECT_EQ(experiment.experiment.name, "ab");
  EXPECT_EQ(experiment.data.sources[0].root, "/my data/KDEF");
  EXPECT_EQ(experiment.data.sources[1].root, "${FER_TEST_ROOT} costs $5 {x}");
  EXPECT_EQ(experiment.data.sources[2].root, "full");
  EXPECT_EQ(experiment.train.epochs, 7);
  EXPECT_EQ(experiment.train.batch_size, 7);
}

TEST_F(Load, StagesMayFillTheEpochsExactly) {
  const Experiment experiment = load({"train: {epochs: 10, stages: [{epochs: 4}, {epochs: 6}]}"}, {kSource});
  EXPECT_EQ(experiment.train.stages[1].epochs, 6);
}

TEST_F(Load, DevicesThatCanBeNamed) {
  for (const std::string device : {"auto", "cpu", "cuda", "cuda:0", "cuda:11"}) {
    EXPECT_EQ(load({}, {kSource, "train.device=" + device}).train.device, device);
  }
}

TEST_F(Load, TheConfigurationsInTheRepositoryAreValid) {
  const ScopedVariable root("KDEF_ROOT", "/data/KDEF");
  const ScopedVariable fer_root("FER2013_ROOT", "/data/fer2013");
  const ScopedVariable photos("PHOTOS_LIST", "/data/photos/labels.csv");
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(FER_SOURCE_DIR "/configs")) {
    if (entry.is_directory() || entry.path().filename().string().starts_with("sweep-")) continue;
    const std::vector<std::filesystem::path> file = {entry.path()};
    EXPECT_NO_THROW(load_experiment(file, {})) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 2);
}

TEST_F(Load, TheRecommendedExperimentsAreTenFoldsBySubject) {
  const ScopedVariable root("KDEF_ROOT", "/data/KDEF");
  for (const std::string name : {"kdef-10fold", "kdef-10fold-frontal"}) {
    const std::vector<std::filesystem::path> file = {FER_SOURCE_DIR "/configs/" + name + ".yaml"};
    const DataConfig data = load_experiment(file, {}).data;
    EXPECT_EQ(data.split.method, "kfold");
    EXPECT_EQ(data.split.folds, 10);
    EXPECT_FALSE(data.allow_leakage);
    EXPECT_EQ(data.only.contains("angle"), name == "kdef-10fold-frontal");
  }
}

TEST_F(Load, TheReferenceExperimentIsThePapers) {
  const ScopedVariable root("KDEF_ROOT", "/data/KDEF");
  const std::vector<std::filesystem::path> file = {FER_SOURCE_DIR "/configs/kdef.yaml"};
  const Experiment experiment = load_experiment(file, {});
  EXPECT_EQ(experiment.data.sources[0], (SourceConfig{.kind = "kdef", .root = "/data/KDEF"}));
  EXPECT_EQ(experiment.data.split.method, "random");
  EXPECT_EQ(static_cast<int>(4900 * experiment.data.split.val), 700);
  EXPECT_EQ(experiment.data.split.test, 0);
  EXPECT_TRUE(experiment.data.allow_leakage);  // the same people are on both sides, and every output says so
  EXPECT_EQ(experiment.input.size, 224);
  EXPECT_EQ(experiment.model.weights, "imagenet");
  EXPECT_EQ(experiment.train.batch_size, 32);
  EXPECT_EQ(experiment.train.epochs, 245);
  EXPECT_THAT(experiment.train.stages,
              ElementsAre(StageConfig{.trainable = "head", .epochs = 10, .lr = 1e-3, .views = 2},
                          StageConfig{.trainable = "all", .epochs = 0, .lr = 1e-4}));
}

}  // namespace
}  // namespace fer
