#include <ATen/ops/equal.h>
#include <ATen/ops/randn_like.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/utils.h>

#include <opencv2/imgproc.hpp>

#include "fer/model/backbones.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/classifier.hpp"
#include "fer/model/device.hpp"
#include "fer/model/image_tensor.hpp"
#include "fer/model/predictor.hpp"
#include "support/temp_folder.hpp"

namespace fer::test {
namespace {

using Rows = std::vector<std::vector<float>>;

std::vector<cv::Mat> noise_crops(int count, int side) {
  std::vector<cv::Mat> crops;
  cv::RNG random(7);
  for (int i = 0; i < count; ++i) {
    cv::Mat rough(6, 6, CV_8UC3);
    random.fill(rough, cv::RNG::UNIFORM, 0, 256);
    cv::resize(rough, crops.emplace_back(), {side, side}, 0, 0, cv::INTER_CUBIC);
  }
  return crops;
}

at::Tensor tensor_of(const Rows& rows) {
  std::vector<float> all;
  for (const auto& row : rows) all.insert(all.end(), row.begin(), row.end());
  return at::tensor(all).view({std::ssize(rows), -1});
}

/// A classifier that tells the crops apart: with norms that have seen something, and logits that spread.
struct Sample {
  Sample(const std::string& backbone_name, int side, int count) : crops(noise_crops(count, side)) {
    const torch::NoGradGuard no_grad;
    torch::manual_seed(3);
    const auto classifier = make_classifier({.backbone = backbone_name, .input_size = side});
    for (const auto& module : classifier->modules()) {
      auto* norm = module->as<torch::nn::BatchNorm2d>();
      if (norm == nullptr) continue;
      norm->weight.add_(at::randn_like(norm->weight), 0.1);
      norm->bias.add_(at::randn_like(norm->bias), 0.1);
      norm->options.momentum(1);
    }
    Checkpoint checkpoint;
    checkpoint.info.backbone = backbone_name;
    checkpoint.info.preprocessing.size = side;
    const at::Tensor images = crops_to_tensor(crops, checkpoint.info.preprocessing);
    classifier->train();
    classifier->forward(images);
    classifier->eval();
    const at::Tensor logits = classifier->forward(images);
    const std::vector<at::Tensor> parameters = classifier->parameters();  // the last layer's come last
    const at::Tensor bias = parameters.back();
    const at::Tensor weight = *(parameters.end() - 2);
    const at::Tensor scale = 2 / logits.std(0, true).clamp_min(1e-6);
    weight.mul_(scale.unsqueeze(1));
    bias.copy_((bias - logits.mean(0)) * scale);
    eager = classifier->forward(images).softmax(1);
    checkpoint.weights = weights_of(*classifier);
    save_checkpoint(folder / "x.safetensors", checkpoint);
  }

  double mean_error(const at::Tensor& rows) const { return (rows - eager).abs().mean().item<double>(); }

  /// Probabilities by LibTorch's own operators.
  at::Tensor in_bfloat16() const {
    const torch::NoGradGuard no_grad;
    const Checkpoint checkpoint = load_checkpoint(folder / "x.safetensors");
    const LayerList layers = layers_on(layers_of(checkpoint, "x"), at::kCPU, at::kBFloat16);
    const at::Tensor images = crops_to_tensor(crops, checkpoint.info.preprocessing).to(at::kBFloat16);
    return run_layers(layers, images).to(at::kFloat).softmax(1);
  }

  std::unique_ptr<LogitPredictor> load(const std::string& precision) const {
    return load_predictor(folder / "x.safetensors", {.device = "cpu", .precision = precision});
  }

  TempFolder folder;
  std::vector<cv::Mat> crops;
  at::Tensor eager;  // probabilities
};

class EachBackbone : public testing::TestWithParam<std::string> {};

/// One of each kind.
class PlannedBackbone : public testing::TestWithParam<std::string> {};

TEST_P(EachBackbone, IsPredictedAsByTheEagerModel) {
  const Sample sample(GetParam(), 64, 9);
  ASSERT_GT(sample.eager.std(0).max().item<float>(), 0.1) << "nothing to tell apart";
  const at::Tensor rows = tensor_of(sample.load("fp32")->predict(sample.crops));
  EXPECT_LT((rows - sample.eager).abs().max().item<float>(), 1e-3);
  EXPECT_TRUE(at::equal(rows.argmax(1), sample.eager.argmax(1)));
}

/// Eight bits of precision, which random networks make much of: as far off as LibTorch is with them.
TEST_P(PlannedBackbone, AnswersInBfloat16AsNearlyAsLibTorch) {
  const Sample sample(GetParam(), 64, 9);
  const auto predictor = sample.load("bf16");
  if (predictor->facts().precision != "bf16") GTEST_SKIP() << "this processor has no bfloat16";
  const at::Tensor rows = tensor_of(predictor->predict(sample.crops));
  const double libtorch = sample.mean_error(sample.in_bfloat16());
  EXPECT_LT(sample.mean_error(rows), 1.5 * libtorch + 0.005);
  EXPECT_GT(sample.mean_error(rows), 0.1 * libtorch) << "computed in float";
}

TEST_P(PlannedBackbone, BatchesAndThreadsChangeNoBitOfAPlannedModel) {
  const Sample sample(GetParam(), 64, 5);
  for (const std::string precision : {"fp32", "bf16"}) {
    const auto predictor = sample.load(precision);
    use_threads(2);
    const Rows together = predictor->logits(sample.crops);
    for (const int threads : {1, 2, 3}) {
      use_threads(threads);
      Rows alone;
      for (const cv::Mat& crop : sample.crops) alone.push_back(predictor->logits({&crop, 1}).at(0));
      EXPECT_EQ(alone, together) << precision << ", " << threads << " threads";
    }
  }
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const BackboneKind& kind : backbones()) all.push_back(kind.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, EachBackbone, testing::ValuesIn(names()),
                         [](const auto& info) { return info.param; });
INSTANTIATE_TEST_SUITE_P(Some, PlannedBackbone,
                         testing::Values("mobilenet_v2", "mobilenet_v3_small", "efficientnet_b0", "resnet18"),
                         [](const auto& info) { return info.param; });

TEST(PlannedSizes, NoneNeedsToBeAMultipleOfAnything) {
  for (const std::string backbone_name : {"mobilenet_v2", "efficientnet_b0", "resnet18"}) {
    for (const int side : {32, 33, 45, 101, 224}) {
      const Sample sample(backbone_name, side, 4);
      const at::Tensor rows = tensor_of(sample.load("fp32")->predict(sample.crops));
      EXPECT_LT((rows - sample.eager).abs().max().item<float>(), 1e-3) << backbone_name << " " << side;
    }
  }
}

}  // namespace
}  // namespace fer::test
