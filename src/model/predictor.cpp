#include "fer/model/predictor.hpp"

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>

#include "fer/core/error.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/classifier.hpp"
#include "fer/model/device.hpp"
#include "fer/model/image_tensor.hpp"
#include "fer/model/mirrored_predictor.hpp"
#include "own_thread.hpp"
#include "predictor_ways.hpp"

namespace fer {
namespace {

/// Through the blocks with large maps crops go in groups: more at a time would leave the processor's caches,
/// and take more memory for every thread that predicts. One thread that pads takes them all at once.
std::size_t group_size(int size, PredictorWays ways) {
  if (ways.serial_and_padded) return std::numeric_limits<std::size_t>::max();
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
  ClassifierPredictor(const Checkpoint& checkpoint, const std::string& source, c10::Device device,
                      PredictorWays ways)
      : facts_{.backbone = checkpoint.info.backbone,
               .classes = checkpoint.info.classes,
               .preprocessing = checkpoint.info.preprocessing,
               .class_prior = checkpoint.info.class_prior,
               .trained_on = checkpoint.info.trained_on,
               .calibration = checkpoint.info.calibration},
        device_(device),
        padded_(ways.serial_and_padded),
        group_size_(group_size(checkpoint.info.preprocessing.size, ways)),
        classifier_(make_classifier({.backbone = checkpoint.info.backbone,
                                     .classes = checkpoint.info.classes.size(),
                                     .dropout = 0,
                                     .width = checkpoint.info.width,
                                     .input_size = checkpoint.info.preprocessing.size})) {
    load_weights(*classifier_, checkpoint.weights, source);
    classifier_->to(device);
    classifier_->eval();
    classifier_->fold();
    large_blocks_ = count_large_blocks(*classifier_, facts_.preprocessing.size, device_);
    if (ways.serial_and_padded) thread_.emplace();
  }

  const PredictorFacts& facts() const override { return facts_; }

  std::vector<std::vector<float>> predict(std::span<const cv::Mat> crops) override {
    auto rows = logits(crops);
    for (auto& row : rows) row = calibrated(row, facts_.calibration);
    return rows;
  }

  std::vector<std::vector<float>> logits(std::span<const cv::Mat> crops) override {
    if (crops.empty()) return {};
    if (!thread_) return compute(crops);
    std::vector<std::vector<float>> rows;
    thread_->run([&] { rows = compute(crops); });
    return rows;
  }

 private:
  std::vector<std::vector<float>> compute(std::span<const cv::Mat> crops) {
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

  /// Black ones fill them up, where they are padded; nobody looks at their rows.
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
    if (padded_) pixels.resize(pixels.size() / crops.size() * padded_rows(crops.size()));
    return pixels;
  }

  PredictorFacts facts_;
  c10::Device device_;
  bool padded_;
  std::size_t group_size_;
  std::shared_ptr<Classifier> classifier_;
  int large_blocks_ = 0;
  std::optional<OwnThread> thread_;  // last: it uses all of the above
};

}  // namespace

PredictorWays ways_for(c10::Device device) { return {.serial_and_padded = !device.is_cpu()}; }

std::size_t padded_rows(std::size_t rows) { return std::bit_ceil(std::max(rows, std::size_t{16})); }

std::unique_ptr<LogitPredictor> load_predictor(const std::filesystem::path& checkpoint, c10::Device device,
                                               PredictorWays ways) {
  const Checkpoint loaded = load_checkpoint(checkpoint);
  try {
    check_options({.backbone = loaded.info.backbone,
                   .width = loaded.info.width,
                   .input_size = loaded.info.preprocessing.size});
  } catch (const Error& error) {
    throw data_error("{}: {}", checkpoint.string(), error.what());
  }
  return std::make_unique<ClassifierPredictor>(loaded, checkpoint.string(), device, ways);
}

std::unique_ptr<LogitPredictor> load_predictor(const std::filesystem::path& checkpoint,
                                               const PredictorOptions& options) {
  const c10::Device device = select_device(options.device);
  auto predictor = load_predictor(checkpoint, device, ways_for(device));
  return options.mirror ? mirrored(std::move(predictor)) : std::move(predictor);
}

}  // namespace fer
