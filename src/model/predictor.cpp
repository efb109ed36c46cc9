#include "fer/model/predictor.hpp"

#include <ATen/ops/softmax.h>
#include <c10/core/InferenceMode.h>

#include "fer/core/error.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/classifier.hpp"
#include "fer/model/device.hpp"
#include "fer/model/image_tensor.hpp"

namespace fer {
namespace {

class EagerPredictor final : public Predictor {
 public:
  EagerPredictor(const Checkpoint& checkpoint, const std::string& source, c10::Device device)
      : facts_{.backbone = checkpoint.info.backbone,
               .classes = checkpoint.info.classes,
               .preprocessing = checkpoint.info.preprocessing,
               .class_prior = checkpoint.info.class_prior,
               .trained_on = checkpoint.info.trained_on},
        temperature_(checkpoint.info.temperature),
        device_(device),
        classifier_(make_classifier({.backbone = checkpoint.info.backbone,
                                     .classes = checkpoint.info.classes.size(),
                                     .dropout = 0})) {
    load_weights(*classifier_, checkpoint.weights, source);
    classifier_->to(device);
    classifier_->eval();
  }

  const PredictorFacts& facts() const override { return facts_; }

  std::vector<std::vector<float>> predict(std::span<const cv::Mat> crops) override {
    if (crops.empty()) return {};
    const c10::InferenceMode inference;
    const at::Tensor images = to_tensor(pack(crops), facts_.preprocessing).to(device_);
    const at::Tensor probabilities =
        at::softmax(classifier_->forward(images) / temperature_, 1).to(at::kCPU, at::kFloat).contiguous();
    const auto classes = static_cast<std::size_t>(facts_.classes.size());
    const float* row = probabilities.const_data_ptr<float>();
    std::vector<std::vector<float>> rows;
    for (std::size_t i = 0; i < crops.size(); ++i, row += classes) rows.emplace_back(row, row + classes);
    return rows;
  }

 private:
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
  return std::make_unique<EagerPredictor>(loaded, checkpoint.string(), chosen);
}

}  // namespace fer
