#include <gmock/gmock.h>

#include "support.hpp"

namespace fer {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class ConfigErrors : public ConfigTest {};

TEST_F(ConfigErrors, UnknownKeys) {
  EXPECT_EQ(error("data:\n  workers: 2\ntrain:\n  epoch: 3\n"),
            "one.yaml:4: unknown key 'train.epoch', did you mean 'train.epochs'?");
  EXPECT_EQ(error("trian: {}\n"), "one.yaml:1: unknown key 'trian', did you mean 'train'?");
  EXPECT_EQ(error("data:\n  sources:\n    - root: /a\n    - kind: csv\n      rot: /b\n"),
            "one.yaml:5: unknown key 'data.sources.1.rot', did you mean 'data.sources.1.root'?");
  EXPECT_EQ(error("train:\n  optimizer:\n    betas: 3\n"),
            "one.yaml:3: unknown key 'train.optimizer.betas', did you mean 'train.optimizer.beta1'?");
  EXPECT_EQ(override_error("train.epoch=3"),
            "--set train.epoch=3: unknown key 'train.epoch', did you mean 'train.epochs'?");
  EXPECT_EQ(override_error("train.early_stoping.patience=3"),
            "--set train.early_stoping.patience=3: unknown key 'train.early_stoping', did you mean "
            "'train.early_stopping'?");
  EXPECT_THAT(override_error("=3"), StartsWith("--set =3: unknown key '', expected one of experiment, data"));
  EXPECT_THAT(error("<<: {}\n"), StartsWith("one.yaml:1: unknown key '<<'"));
}

TEST_F(ConfigErrors, AKeyOfEarlierVersionsNamesTheOneOfToday) {
  EXPECT_EQ(
      error("train:\n  sampler: balanced\n"),
      "one.yaml:2: unknown key 'train.sampler', now 'train.balance': [label] for balanced, [] for shuffle");
}

TEST_F(ConfigErrors, StagesThatCannotBeTaughtOrResized) {
  EXPECT_EQ(
      override_error("train.stages=[{size: 300}]"),
      "--set train.stages=[{size: 300}]: train.stages.0.size: expected input.size = 224 at most, got 300");
  EXPECT_EQ(
      error_of({}, {kSource, "train.stages=[{trainable: head, views: 2, size: 64}]"}),
      "--set train.stages=[{trainable: head, views: 2, size: 64}]: train.stages.0.size: expected 0 beside "
      "views: activations are of whole images");
  EXPECT_THAT(
      error_of({}, {kSource, "train.distill.teachers=[a]", "train.stages=[{trainable: head, views: 2}]"}),
      EndsWith("train.stages.0.views: expected 0 with train.distill: teachers look at images, not at "
               "activations"));
}

TEST_F(ConfigErrors, ShardsWhereImagesAreDrawnFromEverywhere) {
  EXPECT_EQ(override_error("data.cache={shard_mb: 8, mixed_shards: 64}"), "no error");
  EXPECT_THAT(error_of({}, {kSource, "data.cache.shard_mb=8", "train.balance=[label]"}),
              EndsWith("data.cache.shard_mb: expected 0 beside train.balance, whose images are drawn from "
                       "everywhere"));
  EXPECT_THAT(
      error_of({}, {"data.sources=[{root: /a, weight: 2}, {root: /b}]", "data.cache.shard_mb=8"}),
      EndsWith("data.cache.shard_mb: expected 0 beside different weights of sources, whose images are "
               "drawn from everywhere"));
  EXPECT_EQ(
      error_of({}, {"data.sources=[{root: /a, weight: 2}, {root: /b, weight: 2}]", "data.cache.shard_mb=8"}),
      "no error");
  EXPECT_THAT(override_error("data.cache.mixed_shards=0"), HasSubstr("data.cache.mixed_shards: expected"));
}

TEST_F(ConfigErrors, SourcesThatCannotBeToldApart) {
  const auto named = [](const std::string& first, const std::string& second) {
    return fmt::format("data.sources=[{{root: /a, name: {}}}, {{root: /b, name: {}}}]", first, second);
  };
  EXPECT_THAT(error_of({}, {named("lab", "lab")}),
              HasSubstr("data.sources.0.name: 'lab' is the name of another source, too"));
  EXPECT_THAT(error_of({}, {named("lab", "a/b")}),
              HasSubstr("data.sources.1.name: expected a name that can be"));
  EXPECT_EQ(error_of({}, {named("lab", "wild")}), "no error");
  EXPECT_EQ(error_of({}, {named("auto", "auto")}), "no error");
  EXPECT_THAT(override_error("data.sources.0.weight=0"),
              HasSubstr("data.sources.0.weight: expected a number above 0"));
}

TEST_F(ConfigErrors, BinsThatAreNone) {
  EXPECT_EQ(override_error("data.bins={age: [18, 30.5, 60]}"), "no error");
  EXPECT_THAT(override_error("data.bins={age: [30, 18]}"),
              HasSubstr("data.bins.age: expected ascending numbers, got '30, 18'"));
  EXPECT_THAT(override_error("data.bins={age: [young]}"),
              HasSubstr("data.bins.age: expected ascending numbers"));
  EXPECT_THAT(override_error("data.bins={age: []}"),
              HasSubstr("data.bins.age: expected at least one number"));
}

TEST_F(ConfigErrors, AGroupToLeaveOutNeedsAnAttribute) {
  EXPECT_THAT(override_error("data.split={method: group_out}"),
              HasSubstr("data.split.group: expected an attribute"));
  EXPECT_THAT(override_error("data.split={method: group_out, group: sex, test: 0.1}"),
              HasSubstr("data.split.test: expected 0 with method group_out"));
  EXPECT_EQ(override_error("data.split={method: group_out, group: sex, fold: 12}"), "no error");
}

TEST_F(ConfigErrors, TheFileAndLineOfTheValueThatCounts) {
  EXPECT_EQ(error_of({"train:\n  epochs: 3\n", "\n\ntrain:\n  epochs: ten\n", "train: {batch_size: 3}"}),
            "two.yaml:4: train.epochs: expected a whole number, got 'ten'");
  EXPECT_EQ(error_of({"train:\n  epochs: ten\n", "train:\n  epochs: 3\n"}),
            "data.sources: expected at least one source, as in [{kind: kdef, root: /data/KDEF}]");
}

TEST_F(ConfigErrors, WrongTypes) {
  EXPECT_EQ(error("\n\ntrain:\n  epochs: ten\n"),
            "one.yaml:4: train.epochs: expected a whole number, got 'ten'");
  EXPECT_EQ(error("train: {epochs: 3.5}"), "one.yaml:1: train.epochs: expected a whole number, got '3.5'");
  EXPECT_EQ(error("train: {epochs: 1e2}"), "one.yaml:1: train.epochs: expected a whole number, got '1e2'");
  EXPECT_EQ(error("train: {epochs: ''}"), "one.yaml:1: train.epochs: expected a whole number, got ''");
  EXPECT_EQ(error("train: {epochs: [3]}"), "one.yaml:1: train.epochs: expected a whole number, got a list");
  EXPECT_EQ(error("model: {dropout: much}"), "one.yaml:1: model.dropout: expected a number, got 'much'");
  EXPECT_EQ(error("model: {dropout: 0.2x}"), "one.yaml:1: model.dropout: expected a number, got '0.2x'");
  EXPECT_EQ(error("model: {dropout: {}}"), "one.yaml:1: model.dropout: expected a number, got a map");
  EXPECT_EQ(error("experiment: {name: [a]}"), "one.yaml:1: experiment.name: expected text, got a list");
  EXPECT_EQ(error("experiment: {name: ''}"), "one.yaml:1: experiment.name: expected text, got ''");
  EXPECT_EQ(error("data: {classes: [happy, '']}"), "one.yaml:1: data.classes.1: expected text, got ''");
  EXPECT_EQ(error("data: {classes: happy}"), "one.yaml:1: data.classes: expected a list, got 'happy'");
  EXPECT_EQ(error("data:\n  sources:\n    root: /a"), "one.yaml:2: data.sources: expected a list, got a map");
  EXPECT_EQ(error("data:\n  sources:\n    - /a\n"), "one.yaml:3: data.sources.0: expected a map, got '/a'");
  EXPECT_EQ(error("train:\n  - epochs: 3\n"), "one.yaml:1: train: expected a map, got a list");
  EXPECT_EQ(error("- train\n"), "one.yaml:1: the experiment: expected a map, got a list");
  EXPECT_EQ(error("just a sentence"), "one.yaml:1: the experiment: expected a map, got 'just a sentence'");
  EXPECT_EQ(error("experiment: {output: \"a\\nb\"}\ntrain: {epochs: \"a\\nb\"}"),
            "one.yaml:2: train.epochs: expected a whole number, got 'a b'");
  EXPECT_EQ(override_error("train.epochs=ten"),
            "--set train.epochs=ten: train.epochs: expected a whole number, got 'ten'");
  EXPECT_EQ(override_error("experiment.name.first=a"),
            "--set experiment.name.first=a: experiment.name: expected text, got a map");
}

TEST_F(ConfigErrors, OnlyTrueAndFalseAreTruthValues) {
  for (const std::string value : {"yes", "True", "1", "on", "''"}) {
    EXPECT_THAT(error("face: {grey: " + value + "}"),
                StartsWith("one.yaml:1: face.grey: expected true or false, got '"));
  }
  EXPECT_EQ(error("face: {grey: []}"), "one.yaml:1: face.grey: expected true or false, got a list");
}

TEST_F(ConfigErrors, Nothing) {
  EXPECT_EQ(error("experiment: {seed: 1}\ntrain:\nface: {grey: true}\n"),
            "one.yaml:2: train: expected a map, got nothing");
  EXPECT_EQ(error("train:\n  epochs:\n  batch_size: 3\n"),
            "one.yaml:2: train.epochs: expected a whole number, got nothing");
  EXPECT_EQ(error("data:\n  sources:\n"), "one.yaml:2: data.sources: expected a list, got nothing");
  EXPECT_EQ(error("data:\n  sources:\n    -\n    - root: /a\n"),
            "one.yaml:2: data.sources.0: expected a map, got nothing");
  EXPECT_EQ(error("experiment: {name: ~}"), "one.yaml:1: experiment.name: expected text, got nothing");
  EXPECT_EQ(error("face: {grey: null}"), "one.yaml:1: face.grey: expected true or false, got nothing");
  EXPECT_EQ(override_error("model.dropout="),
            "--set model.dropout=: model.dropout: expected a number, got nothing");
}

TEST_F(ConfigErrors, OutOfRange) {
  EXPECT_EQ(error("train:\n  epochs: 0\n"),
            "one.yaml:2: train.epochs: expected a whole number from 1 to 100000, got '0'");
  EXPECT_EQ(error("train: {epochs: 3000000000}"),
            "one.yaml:1: train.epochs: expected a whole number from 1 to 100000, got '3000000000'");
  EXPECT_EQ(error("train: {epochs: -99999999999999999999999}"),
            "one.yaml:1: train.epochs: expected a whole number from 1 to 100000, got "
            "'-99999999999999999999999'");
  EXPECT_EQ(error("experiment: {seed: -1}"),
            "one.yaml:1: experiment.seed: expected a whole number from 0 to 18446744073709551615, got '-1'");
  EXPECT_EQ(error("experiment: {seed: 18446744073709551616}"),
            "one.yaml:1: experiment.seed: expected a whole number from 0 to 18446744073709551615, got "
            "'18446744073709551616'");
  EXPECT_EQ(error("augment: {flip: 1.01}"),
            "one.yaml:1: augment.flip: expected a number from 0 to 1, got '1.01'");
  EXPECT_EQ(error("augment: {rotate: {max: 181}}"),
            "one.yaml:1: augment.rotate.max: expected a number from 0 to 180, got '181'");
  EXPECT_EQ(error("augment: {rotate: 10}"), "one.yaml:1: augment.rotate: expected a map, got '10'");
  EXPECT_EQ(error("model: {dropout: 1}"),
            "one.yaml:1: model.dropout: expected a number at least 0, below 1, got '1'");
  EXPECT_EQ(override_error("train.stages.0.lr=0"),
            "--set train.stages.0.lr=0: train.stages.0.lr: expected a number above 0, at most 10, got '0'");
}

TEST_F(ConfigErrors, NumbersAreFinite) {
  for (const std::string value : {".nan", ".inf", "-.inf", "nan", "inf", "infinity", "1e999"}) {
    EXPECT_EQ(error("train: {loss: {label_smoothing: " + value + "}}"),
              "one.yaml:1: train.loss.label_smoothing: expected a number, got '" + value + "'");
  }
}

TEST_F(ConfigErrors, AligningNeedsADetectorWithLandmarks) {
  EXPECT_EQ(override_error("face={detector: yunet, align: true}"), "no error");
  EXPECT_EQ(override_error("face.align=true"),
            "--set face.align=true: face.align: the detector haar gives no landmarks to align by, others do: "
            "yunet, mtcnn, blazeface");
  EXPECT_THAT(override_error("face={detector: none, align: true}"),
              testing::HasSubstr("face.align: the detector none gives no landmarks"));
}

TEST_F(ConfigErrors, WrongChoices) {
  EXPECT_EQ(error("data:\n  split:\n    method: subjects\n"),
            "one.yaml:3: data.split.method: expected auto, subject, random, kfold, random_kfold, "
            "group_out, file or source, got "
            "'subjects', did you mean 'subject'?");
  EXPECT_EQ(error("face: {detector: retina}"),
            "one.yaml:1: face.detector: expected haar, yunet, mtcnn, blazeface, blazeface_back or none, got "
            "'retina'");
  EXPECT_THAT(error("model: {backbone: MobileNetV2}"),
              AllOf(StartsWith("one.yaml:1: model.backbone: expected mobilenet_v2, mobilenet_v3_small, "),
                    EndsWith(", got 'MobileNetV2', did you mean 'mobilenet_v2'?")));
  EXPECT_EQ(
      error("train: {calibration: temprature}"),
      "one.yaml:1: train.calibration: expected temperature, vector or none, got 'temprature', did you mean "
      "'temperature'?");
  EXPECT_EQ(error("face: {detector: []}"),
            "one.yaml:1: face.detector: expected haar, yunet, mtcnn, blazeface, blazeface_back or none, got "
            "a list");
}

TEST_F(ConfigErrors, DuplicateKeys) {
  EXPECT_EQ(error("train:\n  epochs: 3\n  batch_size: 2\n  epochs: 4\n"),
            "one.yaml:4: duplicate key 'train.epochs'");
  EXPECT_EQ(error("train: {}\nface: {}\ntrain: {}\n"), "one.yaml:3: duplicate key 'train'");
  EXPECT_EQ(override_error("train.stages=[{lr: 1, lr: 2}]"),
            "--set train.stages=[{lr: 1, lr: 2}]: duplicate key 'train.stages.0.lr'");
}

TEST_F(ConfigErrors, MalformedYaml) {
  EXPECT_EQ(error("train:\n  stages: [1, 2\n"), "one.yaml:3: not valid YAML: end of sequence flow not found");
  EXPECT_EQ(error("train:\n  epochs: 3\n}\n"), "one.yaml:3: not valid YAML: illegal flow end");
  EXPECT_EQ(error("train: *missing"), "one.yaml:1: not valid YAML: the referenced anchor is not defined");
  EXPECT_EQ(error("? [a]\n: 3\n"), "one.yaml:1: expected a word as key, got a list, a map or nothing");
  EXPECT_EQ(error("train: {}\n---\nface: {}\n"),
            "one.yaml:2: not valid YAML: expected nothing after the first document");
  EXPECT_EQ(override_error("train.stages=["),
            "--set train.stages=[: not valid YAML: end of sequence flow not found");
  EXPECT_EQ(
      error("experiment: {name: a}\ndata: {sources: [{kind: kdef, root: ${KDEF_ROOT}}]}"),
      "one.yaml:2: not valid YAML: end of map flow not found (inside [ ] and { } a ${NAME} has to stand in "
      "quotes)");
}

TEST_F(ConfigErrors, WhatFollowsTheDocument) {
  for (const std::string text : {"[{a: 1},]]", ",{a: 1}]", "[3], 4]", "]"}) {
    EXPECT_THAT(override_error("train.stages=" + text),
                StartsWith("--set train.stages=" + text + ": not valid YAML: "));
  }
}

TEST_F(ConfigErrors, WhatIsNoText) {
  EXPECT_EQ(error("train: {}\n" + std::string(1, '\0')), "one.yaml:2: not a text file: byte 0x00");
  EXPECT_EQ(error("train: {}\x04\nnonsense: 3\n"), "one.yaml:1: not a text file: byte 0x04");
  EXPECT_EQ(error(std::string((1 << 20) + 1, '#')),
            "one.yaml:1: larger than 1048576 bytes, which no experiment is");
}

TEST_F(ConfigErrors, DepthAndSizeAreBounded) {
  EXPECT_THAT(error("train: " + std::string(400, '[') + std::string(400, ']')),
              HasSubstr("nested deeper than 32 levels"));
  EXPECT_THAT(error("train: " + std::string(100000, '[')), StartsWith("one.yaml:1: not valid YAML: "));
  EXPECT_THAT(error("train: &a [*a]"), HasSubstr("nested deeper than 32 levels"));
  std::string bomb = "a0: &a0 [x]\n";
  for (int i = 1; i < 25; ++i) bomb += fmt::format("a{}: &a{} [*a{}, *a{}]\n", i, i, i - 1, i - 1);
  EXPECT_THAT(error(bomb), HasSubstr("more than 10000 values"));
}

TEST_F(ConfigErrors, FilesThatCannotBeRead) {
  const std::vector<std::filesystem::path> missing = {"/no/such/kdef.yaml"};
  try {
    load_experiment(missing, {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_STREQ(error.what(), "/no/such/kdef.yaml: cannot read: No such file or directory");
  }
  const std::vector<std::filesystem::path> folder = {folder_};
  try {
    load_experiment(folder, {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_EQ(error.what(), folder_.string() + ": cannot read: Is a directory");
  }
}

TEST_F(ConfigErrors, Variables) {
  const ScopedVariable unset("FER_TEST_ROOT", std::nullopt);
  const ScopedVariable empty("FER_TEST_EMPTY", "");
  EXPECT_EQ(
      error("data:\n  sources:\n    - root: ${FER_TEST_ROOT}\n"),
      "one.yaml:3: data.sources.0.root: the environment variable FER_TEST_ROOT is not set; set it, or write "
      "${FER_TEST_ROOT:-default}");
  EXPECT_EQ(
      override_error("experiment.name=${FER_TEST_ROOT}"),
      "--set experiment.name=${FER_TEST_ROOT}: experiment.name: the environment variable FER_TEST_ROOT is "
      "not set; set it, or write ${FER_TEST_ROOT:-default}");
  EXPECT_EQ(error("data:\n  sources:\n    - root: ${FER_TEST_EMPTY}\n"),
            "one.yaml:3: data.sources.0.root: expected text, got ''");
  EXPECT_EQ(error("train:\n  epochs: ${FER_TEST_ROOT:-many}\n"),
            "one.yaml:2: train.epochs: expected a whole number, got 'many'");
  EXPECT_EQ(error("experiment:\n  name: a${FER_TEST_ROOT\n"),
            "one.yaml:2: experiment.name: '${' without its '}'");
  for (const std::string content : {"", "1A", "A B", "A-B", "A:b", ":-x"}) {
    EXPECT_EQ(error("experiment:\n  name: \"${" + content + "}\"\n"),
              "one.yaml:2: experiment.name: expected ${NAME} or ${NAME:-default}, got '${" + content + "}'");
  }
}

TEST_F(ConfigErrors, Overrides) {
  EXPECT_EQ(override_error("train.epochs"), "--set train.epochs: expected KEY=VALUE, as in train.epochs=10");
  EXPECT_EQ(
      override_error("data.sources.2.root=/a"),
      "--set data.sources.2.root=/a: data.sources: expected the number of an entry, 0 to 1 (1 adds one), got "
      "'2'");
  EXPECT_EQ(
      override_error("data.sources.root=/a"),
      "--set data.sources.root=/a: data.sources: expected the number of an entry, 0 to 1 (1 adds one), got "
      "'root'");
  EXPECT_EQ(override_error("data.sources.99999999999999999999.root=/a"),
            "--set data.sources.99999999999999999999.root=/a: data.sources: expected the number of an entry, "
            "0 to 1 "
            "(1 adds one), got '99999999999999999999'");
  EXPECT_THAT(override_error("train=3"), StartsWith("--set train=3: train: expected a map, got '3'"));
  EXPECT_THAT(override_error("train.epochs=\nx"),
              StartsWith("--set train.epochs= x: train.epochs: expected"));
}

TEST_F(ConfigErrors, Sources) {
  EXPECT_EQ(error(""), "data.sources: expected at least one source, as in [{kind: kdef, root: /data/KDEF}]");
  EXPECT_EQ(error("data:\n  sources: []\n"),
            "one.yaml:2: data.sources: expected at least one source, as in [{kind: kdef, root: /data/KDEF}]");
  EXPECT_EQ(error("data:\n  sources:\n    - root: /a\n    - kind: csv\n"),
            "one.yaml:4: data.sources.1.root: missing: the folder or list file of this source");
}

TEST_F(ConfigErrors, Shares) {
  EXPECT_EQ(error_of({"data:\n  split:\n    val: 0.5\n    test: 0.5\n"}, {kSource}),
            "one.yaml:2: data.split: val 0.5 and test 0.5 leave nothing to train on: expected a sum below 1");
  EXPECT_EQ(override_error("data.split.val=0"),
            "--set data.split.val=0: data.split.val: expected a number above 0 with method auto, got 0");
  EXPECT_EQ(error_of({}, {kSource, "data.split={method: source, val: 0}"}), "no error");
}

TEST_F(ConfigErrors, Folds) {
  const auto error = [&](const std::string& split) {
    const std::string assignment = "data.split={" + split + "}";
    const std::string text = override_error(assignment);
    const std::string place = "--set " + assignment + ": data.split.";
    return text.starts_with(place) ? text.substr(place.size()) : text;
  };
  EXPECT_EQ(error("method: kfold, fold: 0"), "no error");
  EXPECT_EQ(error("method: kfold, fold: 10"), "no error");
  EXPECT_EQ(error("method: random_kfold, folds: 5, fold: 6"),
            "fold: expected a number up to data.split.folds = 5, got 6");
  EXPECT_EQ(error("method: kfold, test: 0.1"),
            "test: expected 0 with method kfold, whose test part is the fold, got 0.1");
  EXPECT_EQ(error("method: kfold, val: 0"), "val: expected a number above 0 with method kfold, got 0");
  EXPECT_THAT(error("method: file"), testing::EndsWith("file: expected a file with method file"));
  EXPECT_EQ(error("method: file, file: split.csv, fold: 12"), "no error");
}

TEST_F(ConfigErrors, AllowedValues) {
  EXPECT_EQ(override_error("data.only={angle: [S, HL], sex: [F]}"), "no error");
  EXPECT_EQ(override_error("data.only={angle: []}"),
            "--set data.only={angle: []}: data.only.angle: expected at least one value");
  EXPECT_EQ(override_error("data.only=[S]"), "--set data.only=[S]: data.only: expected a map, got a list");
  EXPECT_EQ(override_error("data.only={angle: S}"),
            "--set data.only={angle: S}: data.only.angle: expected a list, got 'S'");
  EXPECT_EQ(override_error("data.only={angle: [[S]]}"),
            "--set data.only={angle: [[S]]}: data.only.angle.0: expected text, got a list");
}

TEST_F(ConfigErrors, Classes) {
  EXPECT_EQ(
      error_of({"\ndata:\n  classes: [happy, sad, Joy]\n"}, {kSource}),
      "one.yaml:3: data.classes: class 'Joy' stands twice, or under two spellings, in [happy, sad, Joy]");
  EXPECT_EQ(override_error("data.classes=[happy, \"\\n\"]"),
            "--set data.classes=[happy, \"\\n\"]: data.classes: a class name is empty in [happy,  ]");
  EXPECT_EQ(
      error_of({"data:\n  sources: [{kind: folder, root: x, map: {contempt: hapy}}]\n"}),
      "one.yaml:2: data.sources.0.map: 'contempt' is mapped to 'hapy', which is no class (classes: angry, "
      "disgust, fear, happy, sad, surprise, neutral; -: left out)");
  EXPECT_EQ(override_error("data.classes=[happy]"),
            "--set data.classes=[happy]: data.classes: a class list needs at least two names, got 1");
}

TEST_F(ConfigErrors, Stages) {
  EXPECT_EQ(error_of({"train:\n  stages: []\n"}, {kSource}),
            "one.yaml:2: train.stages: expected at least one stage");
  EXPECT_EQ(
      error_of({"train:\n  stages:\n    - lr: 1\n    - epochs: 2\n"}, {kSource}),
      "one.yaml:3: train.stages.0.epochs: expected a whole number above 0: only the last stage may take what "
      "is left");
  EXPECT_EQ(error_of({"train:\n  epochs: 10\n  stages: [{epochs: 8}, {epochs: 3}]\n"}, {kSource}),
            "one.yaml:3: train.stages: the stages take 11 epochs, more than train.epochs = 10");
  EXPECT_EQ(error_of({"train:\n  epochs: 10\n  stages: [{epochs: 8}, {epochs: 1}]\n"}, {kSource}),
            "one.yaml:3: train.stages: the stages take 9 epochs, less than train.epochs = 10; epochs: 0 in "
            "the last "
            "takes what is left");
  EXPECT_EQ(error_of({"train:\n  epochs: 10\n  stages: [{epochs: 10}, {}]\n"}, {kSource}),
            "one.yaml:3: train.stages: the stages before the last take all of train.epochs = 10");
}

TEST_F(ConfigErrors, NamesAndDevices) {
  for (const std::string name : {"a/b", "..", "."}) {
    EXPECT_EQ(override_error("experiment.name=" + name),
              fmt::format("--set experiment.name={}: experiment.name: "
                          "expected the name of a folder, got '{}'",
                          name, name));
  }
  for (const std::string device : {"gpu", "cuda:", "cuda:x", "cuda:-1", "CPU"}) {
    EXPECT_EQ(
        override_error("train.device='" + device + "'"),
        fmt::format("--set train.device='{}': train.device: expected auto, cpu, cuda or cuda:N, got '{}'",
                    device, device));
  }
}

TEST_F(ConfigErrors, MaxTime) {
  EXPECT_EQ(override_error("train.max_time=1h30m"), "no error");
  for (const std::string text : {"2", "2d", "0h", "1m1h", "soon"}) {
    EXPECT_EQ(override_error("train.max_time=" + text),
              "--set train.max_time=" + text +
                  ": train.max_time: expected none or a time such as 2h, 90m or 1h30m, got '" + text + "'");
  }
}

}  // namespace
}  // namespace fer
