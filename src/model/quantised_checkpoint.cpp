#include "fer/model/quantised_checkpoint.hpp"

#include <ATen/ops/empty.h>
#include <ATen/ops/isfinite.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "checkpoint_classifier.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "weight_bytes.hpp"

namespace fer {
namespace {

using Json = nlohmann::json;

/// Versions up to 5 are those of checkpoints in float.
constexpr std::string_view kVersion = "6";
constexpr const char* kKey = "quantisation";

Json to_json(const QuantisationLoss& loss) {
  return {{"precision", "int8"},
          {"images", loss.images},
          {"count", loss.count},
          {"accuracy", loss.accuracy},
          {"int8_accuracy", loss.int8_accuracy}};
}

QuantisationLoss read_loss(const std::string& text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  try {
    const auto precision = json.at("precision").get<std::string>();
    if (precision != "int8")
      throw data_error("is quantised to {}, which this program does not know", in_quotes(precision));
    QuantisationLoss loss;
    json.at("images").get_to(loss.images);
    json.at("count").get_to(loss.count);
    json.at("accuracy").get_to(loss.accuracy);
    json.at("int8_accuracy").get_to(loss.int8_accuracy);
    return loss;
  } catch (const Json::exception&) {
    throw data_error("checkpoint's 'quantisation' is {}, which is incomplete", in_quotes(text));
  }
}

/// Takes one tensor out of the file, so that in the end only unknown ones are left.
at::Tensor take(TensorMap& tensors, const std::string& name, at::ScalarType type, at::IntArrayRef shape) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) throw data_error("tensor {} is missing", in_quotes(name));
  at::Tensor tensor = std::move(found->second);
  tensors.erase(found);
  if (tensor.scalar_type() != type || tensor.sizes() != shape) {
    throw data_error("tensor {} is {} [{}], {} [{}] was expected", in_quotes(name),
                     c10::toString(tensor.scalar_type()), fmt::join(tensor.sizes(), ", "),
                     c10::toString(type), fmt::join(shape, ", "));
  }
  if (type == at::kFloat && !at::isfinite(tensor).all().item<bool>())
    throw data_error("tensor {} has values that are no numbers", in_quotes(name));
  return tensor;
}

/// What the network is; its weights are noise.
LayerList structure_of(const CheckpointInfo& info) {
  LayerList layers = classifier_of(info)->layers();
  try {
    check_quantisable(layers);
  } catch (const Error& error) {
    throw data_error("{}", error.what());
  }
  return layers;
}

void take_weights(TensorMap& tensors, QuantisedLayers& layers) {
  for (std::size_t i = 0; i < layers.layers.size(); ++i) {
    Layer& layer = layers.layers[i];
    if (!layer.weight.defined()) continue;
    const bool bytes = i + 1 < layers.layers.size();
    const auto shape = layer.weight.sizes().vec();
    layer.weight = take(tensors, layer.name + ".weight", bytes ? at::kChar : at::kFloat, shape);
    layer.bias = take(tensors, layer.name + ".bias", at::kFloat, {shape.front()});
    if (bytes)
      layers.weight_steps[i] = take(tensors, layer.name + ".weight_steps", at::kFloat, {shape.front()});
  }
}

void take_values(TensorMap& tensors, std::vector<std::optional<ByteScale>>& values) {
  const auto count = std::ssize(values);
  const at::Tensor steps = take(tensors, "values.step", at::kFloat, {count});
  const at::Tensor zeros = take(tensors, "values.zero", at::kByte, {count});
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float step = steps.const_data_ptr<float>()[i];
    if (step < 0) throw data_error("tensor 'values.step' has a step below 0");
    if (step > 0) values[i] = ByteScale{.step = step, .zero = zeros.const_data_ptr<std::uint8_t>()[i]};
  }
}

/// Scales are where quantise() puts them.
void check_values(const QuantisedLayers& layers) {
  const auto expected = byte_values(layers.layers);
  for (std::size_t i = 0; i < layers.values.size(); ++i) {
    const bool wanted = std::ranges::find(expected, i) != expected.end();
    if (wanted != layers.values[i].has_value()) throw data_error("tensor 'values.step' fits another network");
  }
}

QuantisedCheckpoint parse(std::string_view file) {
  TensorFile parsed = parse_safetensors(file);
  const auto quantisation = parsed.metadata.find(kKey);
  if (quantisation == parsed.metadata.end()) throw data_error("is not quantised");
  if (const auto version = parsed.metadata["version"]; version != kVersion) {
    throw data_error("is a quantised checkpoint of version {}, this program reads version {}", version,
                     kVersion);
  }
  parsed.metadata["version"] = "5";
  QuantisedCheckpoint checkpoint;
  checkpoint.info = checkpoint_info(parsed.metadata);
  check_size(checkpoint.info, parsed.tensors);
  checkpoint.loss = read_loss(quantisation->second);
  QuantisedLayers& layers = checkpoint.layers;
  layers.layers = structure_of(checkpoint.info);
  layers.weight_steps.resize(layers.layers.size());
  layers.values.resize(layers.layers.size() + 1);
  take_weights(parsed.tensors, layers);
  take_values(parsed.tensors, layers.values);
  check_values(layers);
  if (!parsed.tensors.empty())
    throw data_error("tensor {} belongs to no layer", in_quotes(parsed.tensors.begin()->first));
  return checkpoint;
}

TensorMap tensors_of(const QuantisedLayers& layers) {
  TensorMap tensors;
  for (std::size_t i = 0; i < layers.layers.size(); ++i) {
    const Layer& layer = layers.layers[i];
    if (!layer.weight.defined()) continue;
    tensors[layer.name + ".weight"] = layer.weight;
    tensors[layer.name + ".bias"] = layer.bias;
    if (layers.weight_steps[i].defined()) tensors[layer.name + ".weight_steps"] = layers.weight_steps[i];
  }
  const auto count = std::ssize(layers.values);
  at::Tensor steps = at::empty({count}, at::kFloat);
  at::Tensor zeros = at::empty({count}, at::kByte);
  for (std::size_t i = 0; i < layers.values.size(); ++i) {
    const ByteScale scale = layers.values[i].value_or(ByteScale{.step = 0});
    steps.mutable_data_ptr<float>()[i] = scale.step;
    zeros.mutable_data_ptr<std::uint8_t>()[i] = static_cast<std::uint8_t>(scale.zero);
  }
  tensors["values.step"] = steps;
  tensors["values.zero"] = zeros;
  return tensors;
}

}  // namespace

std::string to_text(const QuantisationLoss& loss) { return to_json(loss).dump(); }

void save_quantised(const std::filesystem::path& path, const QuantisedCheckpoint& checkpoint) {
  Metadata metadata = naming_path(path, [&] { return to_metadata(checkpoint.info); });
  metadata["version"] = kVersion;
  metadata[kKey] = to_text(checkpoint.loss);
  write_safetensors(path, {.tensors = tensors_of(checkpoint.layers), .metadata = std::move(metadata)});
}

QuantisedCheckpoint load_quantised(const std::filesystem::path& path) {
  const std::string file = read_file(path);
  return naming_path(path, [&] { return parse(file); });
}

bool is_quantised(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::uint64_t length = 0;
  file.read(reinterpret_cast<char*>(&length), sizeof length);
  std::error_code unknown;
  const std::uintmax_t size = std::filesystem::file_size(path, unknown);
  constexpr std::uint64_t kLongest = 10'000'000;
  if (!file || unknown || length > std::min<std::uint64_t>(size, kLongest)) return false;
  std::string header(length, ' ');
  file.read(header.data(), static_cast<std::streamsize>(length));
  const Json json = Json::parse(header, nullptr, /*allow_exceptions=*/false);
  return json.is_object() && json.contains("__metadata__") && json["__metadata__"].contains(kKey);
}

}  // namespace fer
