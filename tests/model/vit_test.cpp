#include "vit.hpp"

#include <ATen/ops/log_softmax.h>
#include <ATen/ops/nll_loss.h>
#include <gmock/gmock.h>

#include <set>

#include "fer/core/error.hpp"
#include "fer/model/backbones.hpp"
#include "fer/model/complexity.hpp"
#include "model/mobilenet_v2_golden.hpp"
#include "model/tensor_difference.hpp"

namespace fer::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr int kSize = 64;

using Entries = std::vector<std::pair<std::string, std::vector<std::int64_t>>>;

const nlohmann::json& vit_golden() {
  static const auto json = nlohmann::json::parse(read_file(FER_SOURCE_DIR "/tests/golden/vit.json"));
  return json;
}

/// Values of the p-th entry, in single precision: the large one has 86 million.
at::Tensor formula_tensor(std::uint64_t position, const std::string& name,
                          const std::vector<std::int64_t>& shape) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  float* const values = tensor.mutable_data_ptr<float>();
  const double zero = formula_value(name, shape, 0);
  const double range = formula_value(name, shape, 1) - zero;  // the formula is linear in u
  for (std::int64_t i = 0; i < tensor.numel(); ++i)
    values[i] =
        static_cast<float>(zero + range * Rng((position << 32) + static_cast<std::uint64_t>(i)).uniform());
  return tensor;
}

TensorMap formula_weights_of(const Entries& entries) {
  TensorMap weights;
  for (const auto& [name, shape] : entries) weights[name] = formula_tensor(weights.size(), name, shape);
  return weights;
}

std::shared_ptr<Classifier> make_vit(const std::string& backbone, int size = kSize) {
  return make_classifier({.backbone = backbone, .dropout = 0, .input_size = size});
}

/// A classifier with the formula's weights that took a training step on the golden batch.
struct Step {
  explicit Step(const std::string& name) : golden(vit_golden().at(name)), classifier(make_vit(name)) {
    load_weights(*classifier, formula_weights_of(golden.at("entries")), "formula");
    logits = classifier->forward(formula_images(4, kSize));
    const at::Tensor labels = at::tensor(std::vector<std::int64_t>{0, 3, 6, 3}, at::kLong);
    const at::Tensor sum = at::nll_loss(at::log_softmax(logits, 1), labels);
    sum.backward();
    loss = sum.item<double>();
  }

  const nlohmann::json& golden;
  std::shared_ptr<Classifier> classifier;
  at::Tensor logits;
  double loss = 0;
};

class VisionTransformers : public testing::TestWithParam<std::string> {};

TEST_P(VisionTransformers, LogitsAndGradientsAreThoseOfPython) {
  const Step step(GetParam());
  EXPECT_LT(largest_difference(step.logits, golden_numbers(step.golden.at("logits"), {4, 7})), 1e-4);
  EXPECT_NEAR(step.loss, step.golden.at("loss").get<double>(), 1e-4);
  const auto parameters = step.classifier->named_parameters();
  ASSERT_EQ(parameters.size(), step.golden.at("gradient_norms").size());
  for (const auto& item : parameters) {
    const double norm = step.golden.at("gradient_norms").at(item.key());
    EXPECT_NEAR(item.value().grad().to(at::kDouble).norm().item<double>(), norm, 1e-4) << item.key();
  }
  for (const auto& [name, list] : step.golden.at("gradients").items()) {
    const at::Tensor& own = parameters[name].grad();
    EXPECT_LT(largest_difference(own, golden_numbers(list, own.sizes())), 1e-4) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(All, VisionTransformers,
                         testing::Values("vit_tiny_patch16", "vit_small_patch16", "vit_base_patch16"),
                         [](const auto& info) { return info.param; });

/// Multiply-adds as torchvision states them for vit_b_16 (17.56 G) and the DeiT paper for the others (1.3 G,
/// 4.6 G): with those of attention, which timm's cards leave out.
TEST(VisionTransformer, ParametersAndMultiplyAddsAreThePublishedOnes) {
  const auto expect = [](const std::string& name, double macs) {
    const auto classifier = make_classifier({.backbone = name, .classes = 1000});
    const Complexity found = complexity(*classifier, 224);
    EXPECT_EQ(found.parameters, vit_golden().at(name).at("parameters_of_1000_classes")) << name;
    EXPECT_NEAR(static_cast<double>(found.macs), macs, 0.005e9) << name;
  };
  expect("vit_tiny_patch16", 1.25e9);
  expect("vit_small_patch16", 4.60e9);
  expect("vit_base_patch16", 17.56e9);
}

TEST(VisionTransformer, TorchvisionsWeightsGiveTorchvisionsLogits) {
  const auto& golden = vit_golden().at("torchvision");
  const TensorMap theirs = formula_weights_of(golden.at("entries"));
  const auto classifier = make_vit("vit_tiny_patch16");
  EXPECT_EQ(load_backbone_weights(*classifier, theirs, "head.", "torchvision's"), "");
  TensorMap weights = weights_of(*classifier);
  weights["head.weight"] = theirs.at("heads.head.weight");
  weights["head.bias"] = theirs.at("heads.head.bias");
  load_weights(*classifier, weights, "the backbone's and the head's");
  EXPECT_LT(largest_difference(classifier->forward(formula_images(4, kSize)),
                               golden_numbers(golden.at("logits"), {4, 7})),
            1e-4);
}

TEST(VisionTransformer, EveryNameOfTorchvisionsBaseHasItsOwn) {
  std::set<std::string> theirs;
  for (const std::string name : vit_golden().at("torchvision").at("names_of_base"))
    theirs.insert(vit_parameter_name(name));
  std::set<std::string> ours;
  const Entries entries = vit_golden().at("vit_base_patch16").at("entries");
  for (const auto& [name, shape] : entries) {
    ours.insert(name);
    EXPECT_EQ(vit_parameter_name(name), name);
  }
  EXPECT_EQ(theirs, ours);
  EXPECT_EQ(vit_parameter_name("encoder.layers.encoder_layer_11.mlp.linear_2.bias"),
            "blocks.11.mlp.fc2.bias");
}

TEST(VisionTransformer, PositionsAreResampledAsInTimm) {
  const at::Tensor positions =
      at::tensor(formula_uniform(1, (1 + 14 * 14) * 2), at::kDouble).reshape({1, 1 + 14 * 14, 2});
  for (const int grid : {4, 7, 20}) {
    const auto& list = vit_golden().at("positions").at("14 to " + std::to_string(grid));
    const at::Tensor resampled = resampled_positions(positions, grid);
    EXPECT_LT(largest_difference(resampled, golden_numbers(list, {1, 1 + grid * grid, 2})), 1e-6) << grid;
  }
  EXPECT_TRUE(resampled_positions(positions, 14).is_same(positions));
  const at::Tensor no_square = positions.narrow(1, 0, 100);
  EXPECT_TRUE(resampled_positions(no_square, 4).is_same(no_square));
}

TEST(VisionTransformer, StartingWeightsOfAnotherSizeAreFitted) {
  const TensorMap weights = weights_of(*make_vit("vit_tiny_patch16", 224));
  const auto classifier = make_vit("vit_tiny_patch16", 96);
  EXPECT_EQ(load_backbone_weights(*classifier, weights, "head.", "imagenet"),
            "position embeddings from 14x14 to 6x6");
  const TensorMap loaded = weights_of(*classifier);
  EXPECT_EQ(largest_difference(loaded.at("pos_embed"), resampled_positions(weights.at("pos_embed"), 6)), 0);
  EXPECT_EQ(largest_difference(loaded.at("norm.weight"), weights.at("norm.weight")), 0);
  EXPECT_EQ(load_backbone_weights(*make_vit("vit_tiny_patch16", 224), weights, "head.", "imagenet"), "");
}

/// A checkpoint's own weights were trained at its size: another one is a mistake.
TEST(VisionTransformer, ACheckpointsWeightsAreNotFitted) {
  const TensorMap weights = weights_of(*make_vit("vit_tiny_patch16", 96));
  try {
    load_weights(*make_vit("vit_tiny_patch16", 64), weights, "best.safetensors");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("pos_embed is [1, 37, 192] instead of [1, 17, 192]"));
  }
}

TEST(VisionTransformer, AnInputThatIsNoMultipleOf16IsAUsageError) {
  try {
    make_vit("vit_tiny_patch16", 100);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_THAT(error.what(), AllOf(HasSubstr("vit_tiny_patch16"), HasSubstr("100"), HasSubstr("16")));
  }
}

TEST(VisionTransformer, BlocksInTwoPartsGiveWhatForwardGives) {
  const auto classifier = make_vit("vit_tiny_patch16");
  classifier->eval();
  const at::NoGradGuard no_grad;
  const at::Tensor images = formula_images(2, kSize);
  const at::Tensor logits = classifier->forward(images);
  ASSERT_EQ(classifier->block_count(), 14);
  for (const int boundary : {0, 1, 7, 13, 14}) {
    const at::Tensor x = classifier->forward_blocks(images, 0, boundary);
    EXPECT_EQ(largest_difference(classifier->forward_from(boundary, x), logits), 0) << boundary;
  }
  EXPECT_EQ(classifier->forward_blocks(images, 0, 13).sizes(), (std::vector<std::int64_t>{2, 17, 192}));
  EXPECT_EQ(classifier->forward_blocks(images, 0, 14).sizes(), (std::vector<std::int64_t>{2, 192}));
}

TEST(VisionTransformer, WhatLearnsFollowsTheBlocks) {
  const auto classifier = make_vit("vit_tiny_patch16");
  set_trainable(*classifier, 12);
  std::set<std::string> learning;
  for (const auto& item : classifier->named_parameters()) {
    if (item.value().requires_grad()) learning.insert(item.key().substr(0, item.key().find('.', 7)));
  }
  EXPECT_EQ(learning,
            (std::set<std::string>{"blocks.11", "norm.weight", "norm.bias", "head.weight", "head.bias"}));
  EXPECT_EQ(classifier->block_of("pos_embed"), 0);
  EXPECT_EQ(classifier->block_of("blocks"), 14);
  EXPECT_FALSE(classifier->named_modules()["blocks.10.norm1"]->is_training());
  EXPECT_TRUE(classifier->named_modules()["blocks.11.norm1"]->is_training());
}

TEST(VisionTransformer, DropoutActsInTrainingOnly) {
  const auto classifier = make_classifier({.backbone = "vit_tiny_patch16", .dropout = 0.5, .input_size = 32});
  const at::Tensor images = formula_images(2, 32);
  EXPECT_GT(largest_difference(classifier->forward(images), classifier->forward(images)), 0);
  classifier->eval();
  EXPECT_EQ(largest_difference(classifier->forward(images), classifier->forward(images)), 0);
}

}  // namespace
}  // namespace fer::test
