#include "fer/model/onnx_export.hpp"

#include <array>
#include <cmath>
#include <numbers>

#include "fer/core/error.hpp"
#include "fer/onnx/graph.hpp"
#include "onnx_layers.hpp"

namespace fer {
namespace {

using Sizes = std::vector<std::int64_t>;

std::string number_of_each_channel(OnnxGraph& graph, const std::string& name,
                                   const std::array<float, 3>& shares) {
  std::array<float, 3> values{};
  for (std::size_t i = 0; i < values.size(); ++i) values.at(i) = shares.at(i) * 255;
  return graph.constant(name, OnnxType::float32, Sizes{3, 1, 1}, std::as_bytes(std::span(values)));
}

/// Three equal channels, to the bit as OpenCV makes them from bytes.
std::string greyed(OnnxGraph& graph, const std::string& planes) {
  constexpr float kOne = 32768;
  constexpr std::array<float, 9> kShares = {9798, 19235, 3735, 9798, 19235, 3735, 9798, 19235, 3735};
  constexpr std::array<float, 3> kHalf = {kOne / 2, kOne / 2, kOne / 2};
  const std::string shares =
      graph.constant("grey.shares", OnnxType::float32, Sizes{3, 3, 1, 1}, std::as_bytes(std::span(kShares)));
  const std::string sums = graph.node("Conv", {planes, shares, graph.floats("grey.half", kHalf)}, "grey.sums",
                                      {{"kernel_shape", Sizes{1, 1}}});
  const std::string exact = graph.node("Mul", {sums, graph.scalar("grey.one", 1 / kOne)}, "grey.exact");
  return graph.node("Floor", {exact}, "grey");
}

/// From RGB bytes [N,size,size,3].
std::string normalised(OnnxGraph& graph, const Preprocessing& preprocessing) {
  constexpr std::int64_t kFloat = 1;  // TensorProto::FLOAT
  const std::string rows = graph.node("Cast", {"images"}, "images.float", {{"to", kFloat}});
  std::string planes = graph.node("Transpose", {rows}, "images.planes", {{"perm", Sizes{0, 3, 1, 2}}});
  if (preprocessing.grey) planes = greyed(graph, planes);
  const std::string mean = number_of_each_channel(graph, "images.mean", preprocessing.mean);
  const std::string centred = graph.node("Sub", {planes, mean}, "images.centred");
  const std::string std = number_of_each_channel(graph, "images.std", preprocessing.std);
  return graph.node("Div", {centred, std}, "images.normalised");
}

std::string calibrated(OnnxGraph& graph, const std::string& logits, const Calibration& calibration) {
  if (calibration.method == CalibrationMethod::none) return logits;
  if (calibration.method == CalibrationMethod::temperature) {
    const auto temperature = static_cast<float>(calibration.temperature);
    return graph.node("Div", {logits, graph.scalar("calibration.temperature", temperature)}, "calibrated");
  }
  const std::vector<float> scale(calibration.scale.begin(), calibration.scale.end());
  const std::vector<float> bias(calibration.bias.begin(), calibration.bias.end());
  const std::string scaled =
      graph.node("Mul", {logits, graph.floats("calibration.scale", scale)}, "calibration.scaled");
  return graph.node("Add", {scaled, graph.floats("calibration.bias", bias)}, "calibrated");
}

std::string model_of(const QuantisedLayers& network, const CheckpointInfo& info, Metadata metadata,
                     const OnnxOptions& options) {
  OnnxGraph graph;
  metadata["input"] = options.images ? "rgb8" : "normalised";
  metadata["output"] = options.probabilities ? "probabilities" : "logits";
  for (const auto& [key, value] : metadata) graph.add_metadata(key, value);
  const std::int64_t size = info.preprocessing.size;
  if (options.images) {
    graph.add_input("images", OnnxType::uint8, Sizes{size, size, 3});
  } else {
    graph.add_input("images", OnnxType::float32, Sizes{3, size, size});
  }
  const std::string images = options.images ? normalised(graph, info.preprocessing) : "images";
  const std::string logits = add_layers(graph, network, images, "logits");
  if (options.probabilities) {
    graph.node("Softmax", {calibrated(graph, logits, info.calibration)}, "probabilities",
               {{"axis", std::int64_t{1}}});
  }
  graph.add_output(metadata["output"], OnnxType::float32, Sizes{info.classes.size()});
  return graph.file();
}

}  // namespace

std::string onnx_model(const LayerList& layers, const CheckpointInfo& info, const OnnxOptions& options) {
  const QuantisedLayers network{.layers = layers,
                                .weight_steps = std::vector<at::Tensor>(layers.size()),
                                .values = std::vector<std::optional<ByteScale>>(layers.size() + 1)};
  return model_of(network, info, to_metadata(info), options);
}

std::string onnx_model(const QuantisedCheckpoint& checkpoint, const OnnxOptions& options) {
  Metadata metadata = to_metadata(checkpoint.info);
  metadata["quantisation"] = to_text(checkpoint.loss);
  return model_of(checkpoint.layers, checkpoint.info, std::move(metadata), options);
}

}  // namespace fer
