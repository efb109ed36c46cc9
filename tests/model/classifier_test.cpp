#include "fer/model/classifier.hpp"

#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <gmock/gmock.h>
#include <torch/utils.h>

#include <set>

#include "fer/core/error.hpp"
#include "fer/model/backbones.hpp"
#include "model/mobilenet_v2_golden.hpp"

namespace fer::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::string_view kHead = "classifier.";

bool is_head(const std::string& name) { return name.starts_with(kHead); }

/// The formula's weights with another number of classes.
TensorMap weights_for(int classes) {
  TensorMap weights = formula_weights();
  weights["classifier.1.weight"] = at::ones({classes, 1280});
  weights["classifier.1.bias"] = at::ones({classes});
  return weights;
}

/// The one-line data error of loading these weights into `classifier`.
template <class Load>
std::string error_of(const Load& load) {
  try {
    load();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  return "no error";
}

void expect_equal(const TensorMap& a, const TensorMap& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, tensor] : a) EXPECT_TRUE(at::equal(tensor, b.at(name))) << name;
}

TEST(Backbones, AnUnknownOneIsAnsweredWithTheNearest) {
  EXPECT_EQ(backbone("mobilenet_v2").name, "mobilenet_v2");
  try {
    make_classifier({.backbone = "mobilenetv2"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("'mobilenetv2'"), HasSubstr("did you mean 'mobilenet_v2'?")));
  }
}

TEST(MakeClassifier, NamesAndShapesAreTorchvisions) {
  const TensorMap weights = weights_of(*make_classifier({}));
  const auto entries = golden_entries();
  EXPECT_EQ(weights.size(), entries.size());
  EXPECT_EQ(entries.size(), 314U);
  for (const auto& [name, shape] : entries) {
    ASSERT_TRUE(weights.contains(name)) << name;
    EXPECT_EQ(weights.at(name).sizes(), shape) << name;
    EXPECT_EQ(weights.at(name).scalar_type(), name.ends_with("tracked") ? at::kLong : at::kFloat) << name;
  }
}

TEST(MakeClassifier, TheHeadHasAsManyOutputsAsClasses) {
  const auto classifier = make_classifier({.classes = 3});
  EXPECT_EQ(classifier->forward(formula_images(2, 32)).sizes(), (std::vector<std::int64_t>{2, 3}));
}

TEST(MakeClassifier, InitialWeightsFollowTheSeed) {
  const auto make = [](std::uint64_t seed) {
    torch::manual_seed(seed);
    return weights_of(*make_classifier({}));
  };
  const TensorMap weights = make(1);
  expect_equal(weights, make(1));
  EXPECT_FALSE(at::equal(weights.at("features.0.0.weight"), make(2).at("features.0.0.weight")));
  // He et al.: variance 2 / (outputs x kernel).
  EXPECT_NEAR(weights.at("features.18.0.weight").std().item<double>(), std::sqrt(2.0 / 1280), 1e-3);
  EXPECT_NEAR(weights.at("classifier.1.weight").std().item<double>(), 0.01, 1e-3);
}

TEST(MakeClassifier, KernelsAreChannelsLastAndStaySo) {
  const auto classifier = make_classifier({});
  load_weights(*classifier, formula_weights(), "formula");
  for (const auto& item : classifier->named_parameters()) {
    if (item.value().dim() != 4) continue;
    EXPECT_TRUE(item.value().is_contiguous(at::MemoryFormat::ChannelsLast)) << item.key();
  }
  EXPECT_EQ(classifier->named_parameters()["features.0.0.weight"].strides(),
            (std::vector<std::int64_t>{27, 1, 9, 3}));
}

TEST(WeightsOf, AreCopiesInStandardLayout) {
  const auto classifier = make_classifier({});
  load_weights(*classifier, formula_weights(), "formula");
  const TensorMap weights = weights_of(*classifier);
  for (auto& parameter : classifier->parameters()) parameter.detach().zero_();
  for (const auto& [name, tensor] : weights) {
    EXPECT_TRUE(at::equal(tensor, formula_weights().at(name).to(tensor.scalar_type()))) << name;
    EXPECT_TRUE(tensor.is_contiguous() && !tensor.requires_grad()) << name;
  }
}

TEST(LoadWeights, ListsEveryDifferenceInOneErrorAndChangesNothing) {
  const auto classifier = make_classifier({});
  const TensorMap before = weights_of(*classifier);
  TensorMap weights = formula_weights();
  weights.erase("features.0.0.weight");
  weights.erase("classifier.1.bias");
  weights["features.5.conv.1.1.running_var"] = at::ones({3});
  weights["features.19.0.weight"] = at::ones({1});
  EXPECT_THAT(error_of([&] { load_weights(*classifier, weights, "some/file.pth"); }),
              AllOf(StartsWith("some/file.pth: "), HasSubstr("4 differences"),
                    HasSubstr("features.0.0.weight is missing"), HasSubstr("classifier.1.bias is missing"),
                    HasSubstr("features.5.conv.1.1.running_var is [3] instead of [192]"),
                    HasSubstr("features.19.0.weight is not expected")));
  expect_equal(weights_of(*classifier), before);
}

TEST(LoadWeights, RefusesAnotherNumberOfClasses) {
  const auto classifier = make_classifier({});
  EXPECT_THAT(error_of([&] { load_weights(*classifier, weights_for(8), "eight.safetensors"); }),
              AllOf(StartsWith("eight.safetensors: "), HasSubstr("classifier.1.bias is [8] instead of [7]"),
                    HasSubstr("classifier.1.weight is [8, 1280] instead of [7, 1280]")));
}

TEST(LoadWeights, BatchNormsCountersMayBeAbsent) {
  const auto classifier = make_classifier({});
  classifier->forward(formula_images(2, 32));
  TensorMap weights = formula_weights();
  std::erase_if(weights, [](const auto& entry) { return entry.first.ends_with(".num_batches_tracked"); });
  EXPECT_EQ(weights.size(), 314U - 52U);
  load_weights(*classifier, weights, "old.pth");
  EXPECT_EQ(classifier->named_buffers()["features.0.1.num_batches_tracked"].item<std::int64_t>(), 0);
}

TEST(LoadBackboneWeights, LeavesTheHeadAlone) {
  const auto classifier = make_classifier({});
  const TensorMap before = weights_of(*classifier);
  load_backbone_weights(*classifier, weights_for(1000), kHead, "imagenet");
  for (const auto& [name, tensor] : weights_of(*classifier)) {
    const TensorMap& expected = is_head(name) ? before : formula_weights();
    EXPECT_TRUE(at::equal(tensor, expected.at(name).to(tensor.scalar_type()))) << name;
  }
}

TEST(LoadBackboneWeights, IgnoresNothingButTheHead) {
  const auto classifier = make_classifier({});
  TensorMap weights = weights_for(1000);
  weights.erase("features.18.0.weight");
  weights["features.19.0.weight"] = at::ones({1});
  weights.erase("classifier.1.bias");
  EXPECT_THAT(
      error_of([&] { load_backbone_weights(*classifier, weights, kHead, "x.pth"); }),
      AllOf(StartsWith("x.pth: "), HasSubstr("2 differences"), HasSubstr("features.18.0.weight is missing"),
            HasSubstr("features.19.0.weight is not expected")));
}

/// The names whose values a training forward pass changes.
std::set<std::string> changed_by_forward(Classifier& classifier) {
  const TensorMap before = weights_of(classifier);
  classifier.forward(formula_images(2, 32));
  std::set<std::string> changed;
  for (const auto& [name, tensor] : weights_of(classifier)) {
    if (!at::equal(tensor, before.at(name))) changed.insert(name);
  }
  return changed;
}

TEST(SetTrainable, HeadFreezesTheBackboneAndItsBatchNormStatistics) {
  const auto classifier = make_classifier({});
  set_trainable(*classifier, classifier->block_count());
  for (const auto& item : classifier->named_parameters())
    EXPECT_EQ(item.value().requires_grad(), is_head(item.key())) << item.key();
  for (const auto& item : classifier->named_modules("", false))
    EXPECT_EQ(item.value()->is_training(), !item.key().starts_with("features.")) << item.key();
  EXPECT_THAT(changed_by_forward(*classifier), testing::IsEmpty());
  classifier->forward(formula_images(2, 32)).sum().backward();
  for (const auto& item : classifier->named_parameters())
    EXPECT_EQ(item.value().grad().defined(), is_head(item.key())) << item.key();
}

TEST(SetTrainable, AllThawsEverythingAgain) {
  const auto classifier = make_classifier({});
  set_trainable(*classifier, classifier->block_count());
  set_trainable(*classifier, 0);
  for (const auto& item : classifier->named_parameters())
    EXPECT_TRUE(item.value().requires_grad()) << item.key();
  for (const auto& module : classifier->modules()) EXPECT_TRUE(module->is_training());
  const auto changed = changed_by_forward(*classifier);
  EXPECT_EQ(changed.size(), 3U * 52U);  // mean, variance and counter of every BatchNorm
}

TEST(SetTrainable, TheLastBlocksLearnAloneWithTheirStatistics) {
  const auto classifier = make_classifier({});
  ASSERT_EQ(classifier->block_count(), 19);
  set_trainable(*classifier, 17);
  const auto learns = [](const std::string& name) {
    return is_head(name) || name.starts_with("features.17.") || name.starts_with("features.18.");
  };
  for (const auto& item : classifier->named_parameters())
    EXPECT_EQ(item.value().requires_grad(), learns(item.key())) << item.key();
  const auto changed = changed_by_forward(*classifier);
  EXPECT_EQ(changed.size(), 3U * 4U);  // three norms in block 17, one in 18
  for (const std::string& name : changed) EXPECT_TRUE(learns(name)) << name;
}

/// A mode set on a parent reaches its children: restoring must not wake a frozen norm.
TEST(EvaluationScopeTest, GivesEveryModuleItsOwnModeBack) {
  const auto classifier = make_classifier({});
  set_trainable(*classifier, 17);
  std::vector<bool> before;
  for (const auto& module : classifier->modules()) before.push_back(module->is_training());
  {
    const EvaluationScope evaluation(*classifier);
    for (const auto& module : classifier->modules()) EXPECT_FALSE(module->is_training());
    EXPECT_FALSE(classifier->forward(formula_images(1, 32)).requires_grad());
  }
  std::vector<bool> after;
  for (const auto& module : classifier->modules()) after.push_back(module->is_training());
  EXPECT_EQ(after, before);
}

TEST(ClassifierChain, BlocksInTwoPartsGiveWhatForwardGives) {
  const auto classifier = make_classifier({});
  classifier->eval();
  const at::NoGradGuard no_grad;
  const at::Tensor images = formula_images(2, 64);
  const at::Tensor logits = classifier->forward(images);
  for (const int boundary : {0, 1, 7, 18, 19}) {
    const at::Tensor x = classifier->forward_blocks(images, 0, boundary);
    EXPECT_TRUE(at::equal(classifier->forward_from(boundary, x), logits)) << boundary;
  }
  EXPECT_EQ(classifier->forward_blocks(images, 0, 19).sizes(), (std::vector<std::int64_t>{2, 1280}));
}

}  // namespace
}  // namespace fer::test
