#include "train/trainer_fixture.hpp"

#include <torch/nn/modules/batchnorm.h>
#include <torch/utils.h>

#include "fer/core/random.hpp"
#include "fer/model/backbones.hpp"
#include "fer/model/classifier.hpp"
#include "fer/model/image_tensor.hpp"
#include "train/no_augmentation.hpp"

namespace fer::test {
namespace {

constexpr int kPerClass = 20;

/// A colour and stripes of the class's own, under light and noise that differ from crop to crop.
cv::Mat striped_crop(int label, std::uint64_t index) {
  Rng rng = Rng::of(1, static_cast<std::uint64_t>(label), index);
  const double light = rng.uniform(0.7, 1.1);
  cv::Mat crop(kSide, kSide, CV_8UC3);
  crop.forEach<cv::Vec3b>([&](cv::Vec3b& pixel, const int* at) {
    const double stripe = (at[0] * label / 8) % 2 == 0 ? 1 : 0.6;
    for (int c = 0; c < 3; ++c) {
      const double level = 60 + 25 * ((label + 1) * (c + 2) % 7);
      const double noise = 10 * static_cast<double>((at[0] * 7 + at[1] * 13 + c * 5) % 5);
      pixel[c] = cv::saturate_cast<std::uint8_t>(light * stripe * level + noise);
    }
  });
  return crop;
}

}  // namespace

TrainingData make_striped_data() {
  TrainingData made;
  made.preprocessing = {.detector = "none", .size = kSide};
  for (int label = 0; label < made.faces.dataset.classes.size(); ++label) {
    for (int i = 0; i < kPerClass; ++i) {
      Sample& sample = made.faces.dataset.samples.emplace_back();
      sample.path = fmt::format("{}-{}.png", label, i);
      sample.label = label;
      sample.attributes = {{"light", i % 2 == 0 ? "even" : "odd"}};
      made.faces.crops.push_back(striped_crop(label, static_cast<std::uint64_t>(i)));
      made.faces.faces.emplace_back();
      made.faces.digests.push_back(fmt::format("{}-{}", label, i));
      made.parts.push_back(i < 14 ? Part::train : i < 18 ? Part::val : Part::test);
    }
  }
  return made;
}

const TrainingData& striped_data() {
  static const TrainingData data = make_striped_data();
  return data;
}

Experiment striped_experiment(std::vector<StageConfig> stages, int epochs) {
  Experiment experiment;
  experiment.experiment.name = "stripes";
  experiment.data.workers = 0;
  experiment.input.size = kSide;
  experiment.augment = no_augmentation();
  experiment.train.epochs = epochs;
  experiment.train.batch_size = 14;
  experiment.train.stages = std::move(stages);
  experiment.train.device = "cpu";
  return experiment;
}

TensorMap starting_weights() {
  torch::manual_seed(7);
  const auto classifier = make_classifier({.classes = 3});
  for (const auto& module : classifier->modules()) {
    if (auto* norm = module->as<torch::nn::BatchNorm2d>()) norm->options.momentum(std::nullopt);
  }
  std::vector<std::uint8_t> pixels;
  for (const cv::Mat& crop : striped_data().faces.crops)
    pixels.insert(pixels.end(), crop.datastart, crop.dataend);
  classifier->forward(to_tensor(pixels, striped_data().preprocessing));
  return weights_of(*classifier);
}

}  // namespace fer::test
