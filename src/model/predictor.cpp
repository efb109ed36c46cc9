#include "fer/model/predictor.hpp"

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <limits>

#include "fer/core/error.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/classifier.hpp"
#include "fer/model/device.hpp"
#include "fer/model/image_tensor.hpp"

namespace fer {
namespace {

/// Through the blocks with large maps crops go in groups: more at a time would leave the processor's caches,
/// and take more memory for every thread that predicts. A GPU takes them all at once.
std::size_t group_size(int size, c10::Device device) {
  if (!device.is_cpu()) return std::numeric_limits<std::size_t>::max();
  constexpr std::int64_t kPixels = 2 * 224 * 224;
  return static_cast<std::size_t>(std::max(std::int64_t{1}, kPixels / (std::int64_t{size} * size)));
}

/// How many blocks it takes until a map is small, which is less than a tenth of the image's numbers.
int count_large_blocks(Classifier& classifier, int size, c10::Device device) {
  const c10::InferenceMode inference;
  at::Tensor map = at::zeros({1, 3, size, size}, device).contiguous(at::MemoryFormat::ChannelsLast);
  const std::int64_t small = map.numel() / 10;
  int block = 0;
  for (; block < classifier.block_count() && map.numel() >= small; ++block)
    map = classifier.forward_blocks(map, block, block + 1);
  return block;
}

class ClassifierPredictor final : public LogitPredictor {
 public:
  ClassifierPredictor(const Checkpoint& checkpoint, const std::string& source, c10::Device device)
      : facts_{.backbone = checkpoint.info.backbone,
               .classes = checkpoint.info.classes,
               .preprocessing = checkpoint.info.preprocessing,
               .class_prior = checkpoint.info.class_prior,
               .trained_on = checkpoint.info.trained_on,
               .calibration = checkpoint.info.calibration},
        device_(device),
        group_size_(group_size(checkpoint.info.preprocessing.size, device)),
        classifier_(make_classifier({.backbone = checkpoint.info.backbone,
                                     .classes = checkpoint.info.classes.size(),
                                     .dropout = 0})) {
    load_weights(*classifier_, checkpoint.weights, source);
    classifier_->to(device);
    classifier_->eval();
    classifier_->fold();
    large_blocks_ = count_large_blocks(*classifier_, facts_.preprocessing.size, device_);
  }

  const PredictorFacts& facts() const override { return facts_; }

  std::vector<std::vector<float>> predict(std::span<const cv::Mat> crops) override {
    auto rows = logits(crops);
    for (auto& row : rows) row = calibrated(row, facts_.calibration);
    return rows;
  }

  std::vector<std::vector<float>> logits(std::span<const cv::Mat> crops) override {
    if (crops.empty()) return {};
    const c10::InferenceMode inference;
    std::vector<at::Tensor> maps;
    for (std::size_t first = 0; first < crops.size(); first += group_size_) {
      const auto group = crops.subspan(first, std::min(group_size_, crops.size() - first));
      const at::Tensor images = to_tensor(pack(group), facts_.preprocessing, device_);
      maps.push_back(classifier_->forward_blocks(images, 0, large_blocks_));
    }
    const at::Tensor logits =
        classifier_->forward_from(large_blocks_, at::cat(maps)).to(at::kCPU, at::kFloat).contiguous();
    const auto classes = static_cast<std::size_t>(facts_.classes.size());
    const float* row = logits.const_data_ptr<float>();
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
  c10::Device device_;
  std::size_t group_size_;
  std::shared_ptr<Classifier> classifier_;
  int large_blocks_ = 0;
};

}  // namespace

std::unique_ptr<LogitPredictor> load_predictor(const std::filesystem::path& checkpoint,
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
