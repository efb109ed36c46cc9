#include "fer/model/predictor.hpp"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <optional>
#include <utility>

#include "fer/core/error.hpp"
#include "fer/core/text.hpp"
#include "fer/engine/mirrored_predictor.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/device.hpp"
#include "fer/model/image_tensor.hpp"
#include "fer/model/quantised_checkpoint.hpp"
#include "fer/model/tensor_rows.hpp"
#include "map_plan.hpp"
#include "network.hpp"
#include "own_thread.hpp"
#include "predictor_ways.hpp"
#include "tile_kernels.hpp"

namespace fer {
namespace {

/// What people call a type.
std::string precision_of(at::ScalarType type) {
  if (type == at::kHalf) return "fp16";
  return type == at::kBFloat16 ? "bf16" : "fp32";
}

/// By LibTorch's general operators.
class GeneralNetwork final : public Network {
 public:
  using Compute = std::function<at::Tensor(const at::Tensor& images)>;

  /// `compute` takes normalised images of the ways' type on the device.
  GeneralNetwork(Compute compute, const Preprocessing& preprocessing, c10::Device device, PredictorWays ways)
      : compute_(std::move(compute)), preprocessing_(preprocessing), device_(device), ways_(ways) {
    if (ways.serial_and_padded) thread_.emplace();
  }

  std::vector<std::vector<float>> run(std::span<const std::uint8_t* const> images) override {
    if (!thread_) return compute(images);
    std::vector<std::vector<float>> rows;
    thread_->run([&] { rows = compute(images); });
    return rows;
  }

 private:
  static constexpr std::size_t kMostImages = 64;  // at a time: memory

  std::vector<std::vector<float>> compute(std::span<const std::uint8_t* const> images) const {
    const c10::InferenceMode inference;
    std::vector<std::vector<float>> rows;
    while (!images.empty()) {
      const auto group = images.first(std::min(images.size(), kMostImages));
      const at::Tensor normalised = to_tensor(pack(group), preprocessing_, device_).to(ways_.type);
      append_rows(compute_(normalised).narrow(0, 0, std::ssize(group)), rows);
      images = images.subspan(group.size());
    }
    return rows;
  }

  /// Black ones fill them up, where they are padded; nobody looks at their rows.
  std::vector<std::uint8_t> pack(std::span<const std::uint8_t* const> images) const {
    const auto size = static_cast<std::size_t>(preprocessing_.size);
    const std::size_t bytes = size * size * 3;
    std::vector<std::uint8_t> pixels;
    for (const std::uint8_t* image : images) pixels.insert(pixels.end(), image, image + bytes);
    if (ways_.serial_and_padded) pixels.resize(bytes * padded_rows(images.size()));
    return pixels;
  }

  Compute compute_;
  Preprocessing preprocessing_;
  c10::Device device_;
  PredictorWays ways_;
  std::optional<OwnThread> thread_;  // last: it uses all of the above
};

class NetworkPredictor final : public LogitPredictor {
 public:
  NetworkPredictor(const CheckpointInfo& info, const std::string& precision, std::unique_ptr<Network> network)
      : facts_(facts_of(info, precision)), network_(std::move(network)) {}

  const PredictorFacts& facts() const override { return facts_; }

  std::vector<std::vector<float>> logits(std::span<const cv::Mat> crops) override {
    std::vector<const std::uint8_t*> images;
    for (const cv::Mat& crop : crops) {
      check_crop(crop, facts_.preprocessing);
      images.push_back(crop.data);
    }
    return network_->run(images);
  }

 private:
  PredictorFacts facts_;
  std::unique_ptr<Network> network_;
};

std::unique_ptr<Network> make_network(LayerList layers, const Preprocessing& preprocessing,
                                      c10::Device device, PredictorWays ways) {
  const c10::InferenceMode inference;
  if (device.is_cpu() && !ways.serial_and_padded) {
    if (auto plan = plan_maps(layers, preprocessing, ways.type == at::kBFloat16)) return plan;
  }
  return std::make_unique<GeneralNetwork>(
      [layers = layers_on(std::move(layers), device, ways.type)](const at::Tensor& images) {
        return run_layers(layers, images);
      },
      preprocessing, device, ways);
}

std::unique_ptr<Network> make_network(const QuantisedLayers& quantised, const Preprocessing& preprocessing) {
  const c10::InferenceMode inference;
  if (auto plan = plan_maps(quantised, preprocessing)) return plan;
  return std::make_unique<GeneralNetwork>(
      [layers = DequantisedLayers(quantised)](const at::Tensor& images) { return layers.run(images); },
      preprocessing, at::kCPU, PredictorWays{});
}

void check_precision(const std::string& name) {
  static const std::vector<std::string> known = {"auto", "fp32", "bf16", "int8"};
  if (std::ranges::find(known, name) == known.end())
    throw usage_error("precision '{}'{}: expected {}", name, did_you_mean(name, known), join(known, ", "));
}

std::unique_ptr<LogitPredictor> load_quantised_predictor(const std::filesystem::path& checkpoint,
                                                         const PredictorOptions& options) {
  if (options.precision != "auto" && options.precision != "int8")
    throw usage_error("precision {}: {} is quantised to int8", options.precision, checkpoint.string());
  if (options.device != "auto" && options.device != "cpu")
    throw usage_error("device {}: {} is quantised to int8, which the CPU computes", options.device,
                      checkpoint.string());
  const QuantisedCheckpoint loaded = load_quantised(checkpoint);
  return std::make_unique<NetworkPredictor>(loaded.info, "int8",
                                            make_network(loaded.layers, loaded.info.preprocessing));
}

std::unique_ptr<LogitPredictor> load_float_predictor(const std::filesystem::path& checkpoint,
                                                     const PredictorOptions& options) {
  if (options.precision == "int8")
    throw usage_error("precision int8: {} holds no quantised weights", checkpoint.string());
  const c10::Device device = select_device(options.device);
  return load_predictor(checkpoint, device, ways_for(device, options.precision));
}

}  // namespace

PredictorWays ways_for(c10::Device device, const std::string& precision) {
  const bool cpu = device.is_cpu();
  PredictorWays ways{.serial_and_padded = !cpu, .type = at::kFloat};
  if (precision == "auto" && !cpu) ways.type = at::kHalf;
  if (precision == "bf16" && (!cpu || has_tiles())) ways.type = at::kBFloat16;
  return ways;
}

std::size_t padded_rows(std::size_t rows) { return std::bit_ceil(std::max(rows, std::size_t{16})); }

std::unique_ptr<LogitPredictor> load_predictor(const std::filesystem::path& checkpoint, c10::Device device,
                                               PredictorWays ways) {
  const Checkpoint loaded = load_checkpoint(checkpoint);
  LayerList layers = layers_of(loaded, checkpoint.string());
  return std::make_unique<NetworkPredictor>(
      loaded.info, precision_of(ways.type),
      make_network(std::move(layers), loaded.info.preprocessing, device, ways));
}

std::unique_ptr<LogitPredictor> load_predictor(const std::filesystem::path& checkpoint,
                                               const PredictorOptions& options) {
  check_precision(options.precision);
  auto predictor = is_quantised(checkpoint) ? load_quantised_predictor(checkpoint, options)
                                            : load_float_predictor(checkpoint, options);
  return options.mirror ? mirrored(std::move(predictor)) : std::move(predictor);
}

}  // namespace fer
