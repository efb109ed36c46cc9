#include "fer/model/predictor.hpp"

#include <ATen/ops/softmax.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "fer/core/error.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/classifier.hpp"
#include "fer/model/device.hpp"
#include "fer/model/image_tensor.hpp"

namespace fer {
namespace {

/// More at a time would only leave the caches, and take more memory for every thread that predicts.
std::size_t crops_at_once(int size) {
  constexpr std::int64_t kPixels = 8 * 224 * 224;
  return static_cast<std::size_t>(std::max(std::int64_t{1}, kPixels / (std::int64_t{size} * size)));
}

class ClassifierPredictor final : public Predictor {
 public:
  ClassifierPredictor(const Checkpoint& checkpoint, const std::string& source, c10::Device device)
      : facts_{.backbone = checkpoint.info.backbone,
               .classes = checkpoint.info.classes,
               .preprocessing = checkpoint.info.preprocessing,
               .class_prior = checkpoint.info.class_prior,
               .trained_on = checkpoint.info.trained_on},
        temperature_(checkpoint.info.temperature),
        device_(device),
        at_once_(crops_at_once(checkpoint.info.preprocessing.size)),
        classifier_(make_classifier({.backbone = checkpoint.info.backbone,
                                     .classes = checkpoint.info.classes.size(),
                                     .dropout = 0})) {
    load_weights(*classifier_, checkpoint.weights, source);
    classifier_->to(device);
    classifier_->eval();
    classifier_->fold();
  }

  const PredictorFacts& facts() const override { return facts_; }

  std::vector<std::vector<float>> predict(std::span<const cv::Mat> crops) override {
    const c10::InferenceMode inference;
    std::vector<std::vector<float>> rows;
    for (; !crops.empty(); crops = crops.subspan(std::min(crops.size(), at_once_)))
      predict_at_once(crops.first(std::min(crops.size(), at_once_)), rows);
    return rows;
  }

 private:
  void predict_at_once(std::span<const cv::Mat> crops, std::vector<std::vector<float>>& rows) const {
    const at::Tensor images = to_tensor(pack(crops), facts_.preprocessing).to(device_);
    const at::Tensor probabilities =
        at::softmax(classifier_->forward(images) / temperature_, 1).to(at::kCPU, at::kFloat).contiguous();
    const auto classes = static_cast<std::size_t>(facts_.classes.size());
    const float* row = probabilities.const_data_ptr<float>();
    for (std::size_t i = 0; i < crops.size(); ++i, row += classes) rows.emplace_back(row, row + classes);
  }

  std::vector<std::uint8_t> pack(std::span<const cv::Mat> crops) const {
    std::vector<std::uint8_t> pixels;
    for (const cv::Mat& crop : crops) {
      if (crop.type() != CV_8UC3 || crop.rows != facts_.preprocessing.size ||
          crop.cols != facts_.preprocessing.size || !crop.isContinuous()) {
        throw failure("a crop of {}x{} was given to a model that takes {}x{} RGB crops", crop.cols, crop.rows,
                      facts_.preprocessing.size, facts_.preprocessing.size);
      }
      pixels.insert(pixels.end(), crop.data, crop.data + crop.total() * 3);
    }
    return pixels;
  }

  PredictorFacts facts_;
  double temperature_;
  c10::Device device_;
  std::size_t at_once_;
  std::shared_ptr<Classifier> classifier_;
};

}  // namespace

std::unique_ptr<Predictor> load_predictor(const std::filesystem::path& checkpoint,
                                          const std::string& device) {
  const c10::Device chosen = select_device(device);
  const Checkpoint loaded = load_checkpoint(checkpoint);
  try {
    backbone(loaded.info.backbone);
  } catch (const Error& error) {
    throw data_error("{}: {}", checkpoint.string(), error.what());
  }
  return std::make_unique<ClassifierPredictor>(loaded, checkpoint.string(), chosen);
}

}  // namespace fer
