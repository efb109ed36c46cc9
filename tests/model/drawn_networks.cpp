#include "model/drawn_networks.hpp"

#include <torch/nn/modules/batchnorm.h>
#include <torch/utils.h>

#include "fer/core/random.hpp"
#include "fer/model/backbones.hpp"
#include "fer/model/classifier.hpp"

namespace fer::test {

CheckpointInfo info_of(const std::string& backbone) {
  return {.backbone = backbone,
          .classes = ClassList({"sad", "happy", "neutral"}),
          .preprocessing = {.detector = "none", .size = kSide},
          .calibration = {},
          .class_prior = {},
          .trained_on = "a formula",
          .epoch = 3};
}

std::vector<cv::Mat> drawn_crops(int count) {
  std::vector<cv::Mat> crops;
  for (int i = 0; i < count; ++i) {
    Rng rng(static_cast<std::uint64_t>(i));
    cv::Mat small(5, 5, CV_8UC3);
    for (auto pixel = small.begin<cv::Vec3b>(); pixel != small.end<cv::Vec3b>(); ++pixel) {
      for (int c = 0; c < 3; ++c) (*pixel)[c] = static_cast<std::uint8_t>(rng.uniform(0, 255));
    }
    cv::Mat crop(kSide, kSide, CV_8UC3);
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x)
        crop.at<cv::Vec3b>(y, x) = small.at<cv::Vec3b>(y * 5 / kSide, x * 5 / kSide);
    }
    crops.push_back(crop);
  }
  return crops;
}

LayerList settled_layers(const std::string& backbone, const at::Tensor& images) {
  torch::manual_seed(7);
  const auto classifier = make_classifier(
      {.backbone = backbone, .classes = 3, .dropout = 0, .stochastic_depth = 0, .input_size = kSide});
  const torch::NoGradGuard no_grad;
  for (const auto& module : classifier->modules()) {
    auto* norm = module->as<torch::nn::BatchNorm2d>();
    if (norm == nullptr) continue;
    norm->options.momentum(1.0);
    norm->bias.fill_(2);
  }
  classifier->train();
  classifier->forward(images);
  classifier->eval();
  return classifier->layers();
}

}  // namespace fer::test
