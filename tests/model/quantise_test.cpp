#include "fer/model/quantise.hpp"

#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <torch/utils.h>

#include <fstream>

#include "byte_kernels.hpp"
#include "byte_range.hpp"
#include "fer/core/files.hpp"
#include "fer/model/backbones.hpp"
#include "fer/model/classifier.hpp"
#include "fer/model/image_tensor.hpp"
#include "fer/model/predictor.hpp"
#include "fer/model/quantised_checkpoint.hpp"
#include "layer_values.hpp"
#include "map_plan.hpp"
#include "model/drawn_networks.hpp"
#include "support/error_text.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

QuantisedLayers quantised(const LayerList& layers, const at::Tensor& images) {
  return quantise(layers, [&](const auto& look) { look(images); });
}

at::Tensor as_bytes(const at::Tensor& images, ByteScale scale) {
  return (images / scale.step).round().add(scale.zero).clamp(0, 255).to(at::kByte);
}

/// [N,classes]
at::Tensor logits_of(Network& network, const std::vector<cv::Mat>& crops) {
  std::vector<const std::uint8_t*> images;
  for (const cv::Mat& crop : crops) images.push_back(crop.data);
  std::vector<float> all;
  for (const auto& row : network.run(images)) all.insert(all.end(), row.begin(), row.end());
  return at::tensor(all).view({std::ssize(crops), -1});
}

/// Of the spread of the logits: how far two lie apart.
double mean_distance(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).abs().mean() / (b - b.mean(0)).abs().mean()).item<double>();
}

class QuantisedBackbone : public testing::TestWithParam<const char*> {};

TEST_P(QuantisedBackbone, StaysNearTheFloatNetworkAndItsPlanNearTheFallback) {
  const auto crops = drawn_crops(12);
  const at::Tensor images = crops_to_tensor(crops, info_of(GetParam()).preprocessing);
  const LayerList layers = settled_layers(GetParam(), images);
  const QuantisedLayers bytes = quantised(layers, images);

  const at::Tensor expected = run_layers(layers, images);
  const at::Tensor fallback = DequantisedLayers(bytes).run(images);
  EXPECT_LT(mean_distance(fallback, expected), 0.5);
  const auto plan = plan_maps(bytes, info_of(GetParam()).preprocessing);
  if (!has_byte_kernels()) GTEST_SKIP() << "this processor lacks the instructions";
  ASSERT_TRUE(plan);
  const at::Tensor logits = logits_of(*plan, crops);
  EXPECT_LT(mean_distance(logits, expected), 0.5);
  EXPECT_LT(mean_distance(logits, fallback), 0.2);
}

TEST_P(QuantisedBackbone, LosesLittleInEachLayerWhoseInputsAreExact) {
  const at::Tensor images = crops_to_tensor(drawn_crops(12), info_of(GetParam()).preprocessing);
  const LayerList layers = settled_layers(GetParam(), images);
  const QuantisedLayers bytes = quantised(layers, images);
  std::vector<at::Tensor> exact;
  run_layers(layers, images, [&](std::size_t, const at::Tensor& value) { return exact.emplace_back(value); });

  LayerList rough = bytes.layers;
  for (std::size_t i = 0; i < rough.size(); ++i)
    rough[i].weight = float_weight(rough[i], bytes.weight_steps[i]);
  run_layers(rough, images, [&](std::size_t i, const at::Tensor& value) {
    const auto& scale = bytes.values[i];
    const at::Tensor kept =
        scale ? as_bytes(value, *scale).to(at::kFloat).sub(scale->zero).mul(scale->step) : value;
    const double error = (kept - exact[i]).square().mean().sqrt().item<double>();
    EXPECT_LT(error, 0.06 * exact[i].std().item<double>()) << "value " << i;
    return exact[i];
  });
}

TEST_P(QuantisedBackbone, ComesBackFromItsFileAndPredictsFromIt) {
  const TempFolder folder;
  const auto crops = drawn_crops(9);
  const CheckpointInfo info = info_of(GetParam());
  const at::Tensor images = crops_to_tensor(crops, info.preprocessing);
  const LayerList layers = settled_layers(GetParam(), images);
  const QuantisedCheckpoint checkpoint{
      .info = info,
      .layers = quantised(layers, images),
      .loss = {.images = "9 drawn ones", .count = 9, .accuracy = 0.75, .int8_accuracy = 0.5}};
  const auto path = folder.path() / "int8.safetensors";
  save_quantised(path, checkpoint);

  const QuantisedCheckpoint loaded = load_quantised(path);
  EXPECT_EQ(loaded.info, info);
  EXPECT_EQ(loaded.loss, checkpoint.loss);
  EXPECT_EQ(loaded.layers.values, checkpoint.layers.values);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!layers[i].weight.defined()) continue;
    EXPECT_TRUE(at::equal(loaded.layers.layers[i].weight, checkpoint.layers.layers[i].weight));
  }
  const auto predictor = load_predictor(path);
  EXPECT_EQ(predictor->facts().precision, "int8");
  const at::Tensor expected = DequantisedLayers(checkpoint.layers).run(images);
  const auto rows = predictor->logits(crops);
  at::Tensor logits = at::empty_like(expected);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t c = 0; c < rows[i].size(); ++c)
      logits[static_cast<std::int64_t>(i)][static_cast<std::int64_t>(c)] = rows[i][c];
  }
  EXPECT_LT(mean_distance(logits, expected), 0.2);
}

INSTANTIATE_TEST_SUITE_P(All, QuantisedBackbone,
                         testing::Values("mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large",
                                         "efficientnet_b0", "efficientnet_lite0", "resnet18", "resnet50"));

Layer conv(const char* name, int input, Activation activation, at::IntArrayRef weight, int padding = 0) {
  return {.kind = LayerKind::conv,
          .name = name,
          .inputs = {input},
          .activation = activation,
          .weight = at::randn(weight) * 0.4,
          .bias = at::randn({weight[0]}),
          .padding = padding,
          .groups = weight[1] == 1 ? static_cast<int>(weight[0]) : 1};
}

TEST(Quantise, ComputesEveryKindOfStepAsTheFallbackDoes) {
  torch::manual_seed(3);
  const auto crops = drawn_crops(6);
  const at::Tensor images = crops_to_tensor(crops, info_of("").preprocessing);
  LayerList layers;
  const int a = append(layers, conv("a", 0, Activation::silu, {8, 3, 3, 3}, 1));
  const int b =
      append(layers, conv("b", a, Activation::hard_swish, {8, 1, 3, 3}, 1));  // pads what has a zero
  const int c = append(layers, conv("c", b, Activation::none, {8, 8, 1, 1}));
  const int d = append(layers, {.kind = LayerKind::add, .name = "d", .inputs = {c, a}});  // a is used again
  const int e =
      append(layers, {.kind = LayerKind::multiply,
                      .name = "e",
                      .inputs = {d, append(layers, {.kind = LayerKind::mean, .name = "m", .inputs = {d}})}});
  const int f = append(layers, conv("f", e, Activation::none, {8, 8, 1, 1}));
  const int g =
      append(layers, {.kind = LayerKind::add, .name = "g", .inputs = {f, e}, .activation = Activation::relu});
  const int h = append(layers, {.kind = LayerKind::add, .name = "h", .inputs = {g, a}});  // of no convolution
  const int i = append(
      layers, {.kind = LayerKind::activate, .name = "i", .inputs = {h}, .activation = Activation::relu6});
  const int j = append(
      layers,
      {.kind = LayerKind::max_pool, .name = "j", .inputs = {i}, .kernel = 3, .stride = 2, .padding = 1});
  const int k = append(layers, {.kind = LayerKind::mean, .name = "k", .inputs = {j}});
  append(layers, {.kind = LayerKind::linear,
                  .name = "l",
                  .inputs = {k},
                  .weight = at::randn({3, 8}),
                  .bias = at::randn({3})});
  const QuantisedLayers bytes = quantised(layers, images);
  const at::Tensor fallback = DequantisedLayers(bytes).run(images);
  EXPECT_LT(mean_distance(fallback, run_layers(layers, images)), 0.1);
  if (!has_byte_kernels()) GTEST_SKIP() << "this processor lacks the instructions";
  const auto plan = plan_maps(bytes, info_of("").preprocessing);
  ASSERT_TRUE(plan);
  EXPECT_LT(mean_distance(logits_of(*plan, crops), fallback), 0.01);
}

TEST(Quantise, RefusesTransformers) {
  const auto classifier = make_classifier({.backbone = "vit_tiny_patch16", .classes = 3, .input_size = 32});
  const at::Tensor images = at::randn({2, 3, 32, 32});
  EXPECT_THAT(error_text(ErrorKind::usage, [&] { return quantised(classifier->layers(), images); }),
              HasSubstr("int8 is for convolutional backbones"));
}

TEST(ByteRange, CutsOffWhatIsRareAndFarAwayAndKeepsZero) {
  at::Tensor values = at::randn({1'000'000}, at::kFloat);
  values[0] = 60;
  ByteRange range;
  range.see_range(values);
  range.see_counts(values);
  const ByteScale scale = range.best();
  EXPECT_LT((255 - scale.zero) * scale.step, 30);
  EXPECT_GT((255 - scale.zero) * scale.step, 3);
  EXPECT_GT(scale.zero * scale.step, 3);
}

TEST(ByteRange, OfNothingButZerosIsOneThatHoldsThem) {
  ByteRange range;
  range.see_range(at::zeros({8}));
  range.see_counts(at::zeros({8}));
  EXPECT_GT(range.best().step, 0);
}

class QuantisedFile : public testing::Test {
 protected:
  QuantisedFile() {
    const CheckpointInfo info = info_of("mobilenet_v2");
    const at::Tensor images = crops_to_tensor(drawn_crops(4), info.preprocessing);
    save_quantised(
        path_,
        {.info = info, .layers = quantised(settled_layers("mobilenet_v2", images), images), .loss = {}});
  }

  /// The error of reading it after `change`.
  template <class Change>
  std::string error_after(Change&& change) {
    TensorFile file = read_safetensors(path_);
    change(file);
    const auto changed = folder_.path() / "changed.safetensors";
    write_safetensors(changed, file);
    return error_text(ErrorKind::data, [&] { return load_quantised(changed); });
  }

  TempFolder folder_;
  std::filesystem::path path_ = folder_.path() / "int8.safetensors";
};

TEST_F(QuantisedFile, IsAQuarterOfTheSizeAndNoCheckpointToTrainFrom) {
  EXPECT_LT(std::filesystem::file_size(path_), 2'700'000U);
  EXPECT_TRUE(is_quantised(path_));
  EXPECT_THAT(error_text(ErrorKind::data, [&] { return load_checkpoint(path_); }), HasSubstr("is quantised"));
  EXPECT_EQ(read_safetensors(path_).metadata.at("version"), "6");
}

TEST_F(QuantisedFile, IsRefusedWhenItIsDamaged) {
  EXPECT_THAT(error_after([](TensorFile& file) { file.tensors.erase("features.0.0.weight"); }),
              HasSubstr("'features.0.0.weight' is missing"));
  EXPECT_THAT(error_after([](TensorFile& file) { file.tensors["more"] = at::zeros({1}); }),
              HasSubstr("'more' belongs to no layer"));
  EXPECT_THAT(error_after([](TensorFile& file) {
                auto& weight = file.tensors["features.0.0.weight"];
                weight = weight.to(at::kFloat);
              }),
              AllOf(HasSubstr("'features.0.0.weight' is Float"), HasSubstr("Char")));
  EXPECT_THAT(error_after([](TensorFile& file) { file.tensors["values.step"].zero_(); }),
              HasSubstr("'values.step' fits another network"));
  EXPECT_THAT(error_after([](TensorFile& file) { file.tensors["values.step"][1] = NAN; }),
              HasSubstr("no numbers"));
  EXPECT_THAT(error_after([](TensorFile& file) { file.metadata["quantisation"] = "{}"; }),
              HasSubstr("incomplete"));
  EXPECT_THAT(error_after([](TensorFile& file) { file.metadata["version"] = "7"; }), HasSubstr("version 7"));
  EXPECT_THAT(error_after([](TensorFile& file) { file.metadata.erase("quantisation"); }),
              HasSubstr("is not quantised"));
}

TEST_F(QuantisedFile, PredictsInItsOwnPrecisionOnTheCpuAlone) {
  EXPECT_THAT(error_text(ErrorKind::usage, [&] { return load_predictor(path_, {.precision = "bf16"}); }),
              AllOf(HasSubstr("precision bf16"), HasSubstr("is quantised to int8")));
  EXPECT_THAT(error_text(ErrorKind::usage, [&] { return load_predictor(path_, {.device = "cuda"}); }),
              HasSubstr("which the CPU computes"));
  EXPECT_EQ(load_predictor(path_, {.precision = "int8"})->facts().precision, "int8");
}

}  // namespace
}  // namespace fer::test
