#include "fer/model/backbones.hpp"

#include <ATen/ops/equal.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/nll_loss.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/utils.h>

#include <set>

#include "fer/core/error.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/complexity.hpp"
#include "fer/model/image_tensor.hpp"
#include "fer/model/predictor.hpp"
#include "model/mobilenet_v2_golden.hpp"
#include "support/error_text.hpp"
#include "support/golden.hpp"
#include "support/temp_folder.hpp"

// What tests/golden/make_backbones.py wrote, and its formulas.

namespace fer::test {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;
using Shape = std::vector<std::int64_t>;

constexpr int kImageSide = 64;

const Json& goldens() {
  static const Json json = golden_json("backbones.json");
  return json;
}

std::int64_t count_of(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t side : shape) count *= side;
  return count;
}

/// A module with weights, as the golden lists them.
struct GoldenLayer {
  explicit GoldenLayer(const Json& row)
      : name(row.at(0)),
        other(row.at(1).get<std::string>().empty() ? name : row.at(1).get<std::string>()),
        shape(row.at(2).get<Shape>()),
        bias(row.at(3) == 1),
        other_shape(row.size() > 4 ? row.at(4).get<Shape>() : shape) {}

  bool is_norm() const { return shape.size() == 1; }

  std::string name;
  std::string other;
  Shape shape;
  bool bias;
  Shape other_shape;
};

std::vector<GoldenLayer> layers_of(const Json& golden) {
  std::vector<GoldenLayer> layers;
  for (const Json& row : golden.at("layers")) layers.emplace_back(row);
  return layers;
}

/// Every weight and buffer in double precision, under our names and under timm's.
struct FormulaWeights {
  explicit FormulaWeights(const Json& golden) {
    for (const GoldenLayer& layer : layers_of(golden)) {
      add(layer, ".weight", layer.shape);
      if (layer.bias) add(layer, ".bias", {layer.shape[0]});
      if (!layer.is_norm()) continue;
      add(layer, ".running_mean", layer.shape);
      add(layer, ".running_var", layer.shape);
      add(layer, ".num_batches_tracked", {});
    }
  }

  TensorMap own;
  TensorMap other;

 private:
  void add(const GoldenLayer& layer, const std::string& what, const Shape& shape) {
    std::vector<double> numbers = formula_uniform(position_++, count_of(shape));
    for (double& number : numbers) number = formula_value(what, shape, number);
    const at::Tensor tensor = at::tensor(numbers, at::kDouble).reshape(shape);
    own.emplace(layer.name + what, tensor);
    other.emplace(layer.other + what, what == ".weight" ? tensor.reshape(layer.other_shape) : tensor);
  }

  std::uint64_t position_ = 0;
};

/// Largest difference, in shares of the largest number expected.
double relative_distance(const at::Tensor& actual, const at::Tensor& expected) {
  const at::Tensor difference = actual.detach().to(at::kDouble) - expected.detach().to(at::kDouble);
  return difference.abs().max().item<double>() / expected.abs().max().item<double>();
}

std::shared_ptr<Classifier> make_from(const Json& golden, at::ScalarType precision = at::kFloat) {
  auto classifier = make_classifier(
      {.backbone = golden.at("name"), .dropout = 0, .width = golden.at("width"), .stochastic_depth = 0});
  classifier->to(precision);
  classifier->eval();
  return classifier;
}

/// A golden's number among all of them; such a number is what tests are made for.
class Backbones : public testing::TestWithParam<std::size_t> {
 protected:
  const Json& golden_ = goldens().at(GetParam());
  const at::Tensor images_ = formula_images(2, kImageSide);

  at::Tensor logits(const char* key) const { return golden_numbers(golden_.at(key), {2, 7}); }
};

std::string name_of_golden(const testing::TestParamInfo<std::size_t>& info) {
  const Json& golden = goldens().at(info.param);
  return golden.at("name").get<std::string>() + (golden.at("width") == 1 ? "" : "_narrow");
}

INSTANTIATE_TEST_SUITE_P(All, Backbones, testing::Range(std::size_t{0}, goldens().size()), name_of_golden);

/// Loss, gradients and statistics of a training step whose numbers hold no rounding to speak of: it moves
/// single-precision activations over the kinks of ReLU and its kin, and gradients by up to a per cent.
TEST_P(Backbones, LogitsAndGradientsAreThoseOfPython) {
  const auto classifier = make_from(golden_, at::kDouble);
  load_weights(*classifier, FormulaWeights(golden_).own, "formula");
  const at::Tensor images = images_.to(at::kDouble);
  {
    const at::NoGradGuard no_grad;
    EXPECT_LT(relative_distance(classifier->forward(images), logits("eval_logits")), 1e-7);
  }
  classifier->train();
  const at::Tensor found = classifier->forward(images);
  EXPECT_LT(relative_distance(found, logits("train_logits")), 1e-7);
  const at::Tensor loss = at::nll_loss(at::log_softmax(found, 1), at::tensor({0, 4}, at::kLong));
  EXPECT_NEAR(loss.item<double>(), golden_.at("loss").get<double>(), 1e-6);
  loss.backward();
  const auto parameters = classifier->named_parameters();
  const auto modules = classifier->named_modules("", false);
  std::size_t p = 0;
  std::size_t n = 0;
  for (const GoldenLayer& layer : layers_of(golden_)) {
    for (const char* what : {".weight", ".bias"}) {
      const at::Tensor* parameter = parameters.find(layer.name + what);
      if (parameter == nullptr) continue;
      const double norm = golden_.at("gradients").at(p).at(0);
      const double product = golden_.at("gradients").at(p).at(1);
      const at::Tensor gradient = parameter->grad().contiguous().flatten();
      const at::Tensor factors = at::tensor(formula_uniform(5000 + p++, gradient.numel()), at::kDouble);
      EXPECT_NEAR(gradient.norm().item<double>(), norm, 1e-6 * norm + 1e-9) << layer.name << what;
      const double scale = norm * factors.norm().item<double>();
      EXPECT_NEAR(gradient.dot(factors).item<double>(), product, 1e-6 * scale + 1e-9) << layer.name << what;
    }
    if (!layer.is_norm()) continue;
    const auto* norm = modules[layer.name]->as<torch::nn::BatchNorm2d>();
    const Json& sums = golden_.at("statistics").at(n++);
    const double variance = sums.at(1);
    EXPECT_NEAR(norm->running_mean.sum().item<double>(), sums.at(0).get<double>(), 1e-6 * variance);
    EXPECT_NEAR(norm->running_var.sum().item<double>(), variance, 1e-6 * variance) << layer.name;
  }
  EXPECT_EQ(p, parameters.size());
  EXPECT_EQ(p, golden_.at("gradients").size());
}

TEST_P(Backbones, TheLayerListAndSinglePrecisionChangeNoAnswer) {
  const auto classifier = make_from(golden_);
  load_weights(*classifier, FormulaWeights(golden_).own, "formula");
  const at::NoGradGuard no_grad;
  const at::Tensor eager = classifier->forward(images_);
  EXPECT_LT(relative_distance(eager, logits("eval_logits")), 1e-4);
  EXPECT_LT(relative_distance(run_layers(classifier->layers(), images_.to(at::kFloat)), eager), 1e-4);
}

TEST_P(Backbones, WeightsInTimmsSpellingAreReadToo) {
  if (!golden_.contains("timm_eval_logits")) GTEST_SKIP() << "timm spells it as we do";
  const auto classifier = make_from(golden_);
  const OtherSpelling spelling = classifier->other_spelling();
  const std::vector<GoldenLayer> layers = layers_of(golden_);
  EXPECT_EQ(spelling.modules.size(), layers.size());
  for (const GoldenLayer& layer : layers) {
    ASSERT_TRUE(spelling.modules.contains(layer.other)) << layer.other;
    EXPECT_EQ(spelling.modules.at(layer.other), layer.name);
  }
  load_weights(*classifier, FormulaWeights(golden_).other, "timm.pth");
  const at::NoGradGuard no_grad;
  EXPECT_LT(relative_distance(classifier->forward(images_), logits("timm_eval_logits")), 1e-4);
}

TEST_P(Backbones, ParametersAndMultiplyAddsAreThePublishedOnes) {
  if (!golden_.contains("published")) GTEST_SKIP() << "nothing is published of this width";
  const Json& published = golden_.at("published");
  const BackboneKind& kind = backbone(golden_.at("name").get<std::string>());
  EXPECT_EQ(kind.input_size, published.at("size"));
  const auto classifier = make_classifier({.backbone = kind.name, .classes = 1000});
  const Complexity found = complexity(*classifier, kind.input_size);
  EXPECT_EQ(found.parameters, published.at("parameters"));
  const double gmacs = published.at("gmacs");
  const double rounding = gmacs == 0.4 ? 0.02 : 0.0006;  // two digits or three behind the point
  EXPECT_NEAR(static_cast<double>(found.macs) * 1e-9, gmacs, rounding);
}

TEST_P(Backbones, EveryParameterBelongsToOneBlockOrTheHead) {
  const auto classifier = make_from(golden_);
  const std::string& head = backbone(golden_.at("name").get<std::string>()).head;
  std::set<int> owners;
  for (const auto& item : classifier->named_parameters()) {
    const int block = classifier->block_of(item.key());
    owners.insert(block);
    EXPECT_EQ(block == classifier->block_count(), item.key().starts_with(head)) << item.key();
  }
  EXPECT_EQ(std::ssize(owners), classifier->block_count() + 1);
}

TEST_P(Backbones, BlocksInTwoPartsGiveWhatForwardGives) {
  const auto classifier = make_from(golden_);
  const at::NoGradGuard no_grad;
  const at::Tensor images = formula_images(2, 32);
  const at::Tensor logits = classifier->forward(images);
  const int blocks = classifier->block_count();
  for (const int boundary : {1, blocks / 2, blocks - 1, blocks}) {
    const at::Tensor x = classifier->forward_blocks(images, 0, boundary);
    EXPECT_TRUE(at::equal(classifier->forward_from(boundary, x), logits)) << boundary;
  }
  EXPECT_EQ(classifier->forward_blocks(images, 0, blocks).dim(), 2);
}

TEST_P(Backbones, ACheckpointIsAllAPredictorNeeds) {
  const auto classifier = make_from(golden_);
  Checkpoint checkpoint;
  checkpoint.info.backbone = golden_.at("name");
  checkpoint.info.width = golden_.at("width");
  checkpoint.info.preprocessing.size = 32;
  checkpoint.weights = weights_of(*classifier);
  const TempFolder folder;
  save_checkpoint(folder / "x.safetensors", checkpoint);
  const auto predictor = load_predictor(folder / "x.safetensors", {.device = "cpu"});
  cv::Mat crop(32, 32, CV_8UC3);
  cv::randu(crop, 0, 256);
  const at::NoGradGuard no_grad;
  const at::Tensor image = to_tensor({crop.data, crop.total() * 3}, checkpoint.info.preprocessing);
  const at::Tensor expected = classifier->forward(image).softmax(1);
  const auto rows = predictor->predict(std::vector{crop});
  EXPECT_LT(relative_distance(at::tensor(rows.at(0)), expected[0]), 1e-4);
}

TEST(BackboneTable, HasAGoldenForEachRowOfThisKind) {
  std::set<std::string> tested;
  for (const Json& golden : goldens()) tested.insert(golden.at("name"));
  std::set<std::string> names;
  for (const BackboneKind& kind : backbones()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_FALSE(kind.summary.empty()) << kind.name;
    EXPECT_TRUE(tested.contains(kind.name) || kind.name.starts_with("vit_")) << kind.name;
  }
}

TEST(BackboneTable, AWidthIsRefusedWhereThereIsOnlyOne) {
  EXPECT_THAT(
      error_text(ErrorKind::usage, [] { return make_classifier({.backbone = "resnet18", .width = 0.5}); }),
      HasSubstr("width 0.5: resnet18 comes in one width"));
}

/// Its layer after pooling comes along, whatever the number of classes.
TEST(BackboneWeights, StartFromEitherSpellingWithAnotherHead) {
  const TempFolder folder;
  const Json& golden = goldens().at(1);
  ASSERT_EQ(golden.at("name"), "mobilenet_v3_small");
  FormulaWeights weights(golden);
  for (auto* map : {&weights.own, &weights.other}) {
    const std::string head = map == &weights.own ? "classifier.3" : "classifier";
    map->at(head + ".weight") = at::zeros({1000, 1024});
    map->at(head + ".bias") = at::zeros({1000});
    write_safetensors(folder / "imagenet.safetensors", {.tensors = *map, .metadata = {}});
    const auto classifier = make_from(golden);
    const TensorMap before = weights_of(*classifier);
    const TensorMap read = read_weights(folder / "imagenet.safetensors");
    load_backbone_weights(*classifier, read, backbone("mobilenet_v3_small").head, "imagenet.safetensors");
    const TensorMap after = weights_of(*classifier);
    EXPECT_TRUE(at::equal(after.at("classifier.3.weight"), before.at("classifier.3.weight")));
    EXPECT_TRUE(
        at::equal(after.at("classifier.0.weight"), weights.own.at("classifier.0.weight").to(at::kFloat)));
  }
}

TEST(StochasticDepth, ActsInTrainingAloneAndFollowsTheSeed) {
  const at::Tensor images = formula_images(4, 32);
  const auto classifier =
      make_classifier({.backbone = "efficientnet_b0", .dropout = 0, .stochastic_depth = 0.9});
  const at::NoGradGuard no_grad;
  classifier->train();
  const auto logits = [&](std::uint64_t seed) {
    torch::manual_seed(seed);
    return classifier->forward(images);
  };
  const at::Tensor first = logits(1);
  EXPECT_TRUE(at::equal(logits(1), first));
  EXPECT_FALSE(at::equal(logits(2), first));
  classifier->eval();
  EXPECT_TRUE(at::equal(logits(1), logits(2)));
}

}  // namespace
}  // namespace fer::test
