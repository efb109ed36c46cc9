#include <ATen/ops/log_softmax.h>
#include <ATen/ops/nll_loss.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "fer/model/backbones.hpp"
#include "fer/model/classifier.hpp"
#include "model/mobilenet_v2_golden.hpp"
#include "model/tensor_difference.hpp"

namespace fer::test {
namespace {

/// The network with the formula's weights, and what it says of the golden batch.
struct GoldenNetwork {
  explicit GoldenNetwork(at::ScalarType precision)
      : classifier(make_classifier({.dropout = 0})), images(formula_images(4, 96).to(precision)) {
    classifier->to(precision);
    load_weights(*classifier, formula_weights(), "formula");
  }

  at::Tensor logits(bool training) {
    classifier->train(training);
    return classifier->forward(images);
  }

  /// The loss of a training step, whose gradients are then in the parameters.
  double step() {
    const at::Tensor labels =
        at::tensor(mobilenet_golden().at("labels").get<std::vector<std::int64_t>>(), at::kLong);
    const at::Tensor loss = at::nll_loss(at::log_softmax(logits(true), 1), labels);
    loss.backward();
    return loss.item<double>();
  }

  std::shared_ptr<Classifier> classifier;
  at::Tensor images;
};

at::Tensor golden_logits(const std::string& key) {
  return golden_numbers(mobilenet_golden().at(key), {4, 7});
}

TEST(MobileNetV2, LogitsAreThoseOfPython) {
  GoldenNetwork single(at::kFloat);
  EXPECT_LT(largest_difference(single.logits(false), golden_logits("eval_logits")), 1e-4);
  EXPECT_LT(largest_difference(single.logits(true), golden_logits("train_logits")), 1e-4);
  GoldenNetwork twice(at::kDouble);
  EXPECT_LT(largest_difference(twice.logits(false), golden_logits("eval_logits")), 1e-8);
  EXPECT_LT(largest_difference(twice.logits(true), golden_logits("train_logits")), 1e-8);
}

TEST(MobileNetV2, GradientsAreThoseOfPython) {
  const auto& golden = mobilenet_golden();
  GoldenNetwork network(at::kDouble);
  EXPECT_NEAR(network.step(), golden.at("loss").get<double>(), 1e-8);
  const auto parameters = network.classifier->named_parameters();
  ASSERT_EQ(parameters.size(), golden.at("gradient_norms").size());
  for (const auto& item : parameters) {
    const double norm = golden.at("gradient_norms").at(item.key());
    EXPECT_NEAR(item.value().grad().norm().item<double>(), norm, 1e-7) << item.key();
  }
  for (const auto& [name, list] : golden.at("gradients").items()) {
    const at::Tensor& own = parameters[name].grad();
    EXPECT_LT(largest_difference(own, golden_numbers(list, own.sizes())), 1e-7) << name;
  }
}

/// In single precision rounding moves some activations over ReLU6's kinks, and the gradients by about 1 %: so
/// it does in Python.
TEST(MobileNetV2, SinglePrecisionGradientsAreThoseOfPythonButForRounding) {
  const auto& golden = mobilenet_golden();
  GoldenNetwork network(at::kFloat);
  EXPECT_NEAR(network.step(), golden.at("loss").get<double>(), 1e-4);
  for (const auto& [name, list] : golden.at("gradients").items()) {
    const at::Tensor own = network.classifier->named_parameters()[name].grad().to(at::kDouble);
    const at::Tensor theirs = golden_numbers(list, own.sizes());
    EXPECT_LT((own - theirs).norm().item<double>(), 0.05 * theirs.norm().item<double>() + 1e-4) << name;
  }
}

TEST(MobileNetV2, BatchNormStatisticsMoveAsInPython) {
  GoldenNetwork network(at::kDouble);
  network.logits(true);
  const auto buffers = network.classifier->named_buffers();
  for (const auto& [name, list] : mobilenet_golden().at("statistics").items()) {
    EXPECT_LT(largest_difference(buffers[name], golden_numbers(list, buffers[name].sizes())), 1e-8) << name;
  }
  EXPECT_EQ(buffers["features.0.1.num_batches_tracked"].item<std::int64_t>(), 1);
}

TEST(MobileNetV2, DropoutActsInTrainingOnly) {
  const auto classifier = make_classifier({.dropout = 0.5});
  const at::Tensor images = formula_images(2, 32);
  classifier->train();
  EXPECT_GT(largest_difference(classifier->forward(images), classifier->forward(images)), 0);
  classifier->eval();
  EXPECT_EQ(largest_difference(classifier->forward(images), classifier->forward(images)), 0);
}

TEST(MobileNetV2, ImagenetLogitsAreThoseOfPython) {
  const std::filesystem::path weights = FER_SOURCE_DIR "/../shared/models/mobilenet_v2-imagenet.safetensors";
  if (!std::filesystem::exists(weights)) GTEST_SKIP() << "the ImageNet weights are not on this machine";
  const auto json =
      nlohmann::json::parse(read_file(FER_SOURCE_DIR "/tests/golden/mobilenet_v2_imagenet.json"));
  const auto classifier = make_classifier({.classes = 1000});
  load_weights(*classifier, read_weights(weights), weights.string());
  classifier->eval();
  const at::Tensor logits = classifier->forward(formula_images(2, 224, 16));
  EXPECT_LT(largest_difference(logits, golden_numbers(json.at("eval_logits"), {2, 1000})), 1e-4);
}

}  // namespace
}  // namespace fer::test
