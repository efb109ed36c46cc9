#include "fer/model/checkpoint.hpp"

#include <string_view>

#include "checkpoint_classifier.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/model/backbones.hpp"
#include "weight_bytes.hpp"

namespace fer {
namespace {

Checkpoint parse_checkpoint(std::string_view file) {
  const WeightFormat format = weight_format(file);
  if (format == WeightFormat::zip || format == WeightFormat::pickle) {
    throw data_error("is not a checkpoint of this project: it looks like weights that torch.save wrote");
  }
  TensorFile parsed = parse_safetensors(file);
  if (parsed.metadata.contains("quantisation"))
    throw data_error("is quantised: that is for prediction alone");
  Checkpoint checkpoint{.info = checkpoint_info(parsed.metadata), .weights = std::move(parsed.tensors)};
  check_size(checkpoint.info, checkpoint.weights);
  return checkpoint;
}

}  // namespace

void save_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  write_safetensors(path, {.tensors = checkpoint.weights,
                           .metadata = naming_path(path, [&] { return to_metadata(checkpoint.info); })});
}

Checkpoint load_checkpoint(const std::filesystem::path& path) {
  const std::string file = read_file(path);
  return naming_path(path, [&] { return parse_checkpoint(file); });
}

void check_size(const CheckpointInfo& info, const TensorMap& tensors) {
  constexpr double kLeast = 1e6;  // bytes of the smallest network of width 1, a byte a weight
  double bytes = 0;
  for (const auto& [name, tensor] : tensors) bytes += static_cast<double>(tensor.nbytes());
  if (info.width > 1 && bytes < kLeast * info.width * info.width)
    throw data_error("holds {:.0f} bytes of weights, too few for a network of width {}", bytes, info.width);
}

std::shared_ptr<Classifier> classifier_of(const CheckpointInfo& info) {
  try {
    return make_classifier({.backbone = info.backbone,
                            .classes = info.classes.size(),
                            .dropout = 0,
                            .width = info.width,
                            .input_size = info.preprocessing.size});
  } catch (const Error& error) {
    throw data_error("{}", error.what());
  }
}

LayerList layers_of(const Checkpoint& checkpoint, const std::string& source) {
  const auto classifier = naming(source, [&] { return classifier_of(checkpoint.info); });
  load_weights(*classifier, checkpoint.weights, source);
  return classifier->layers();
}

}  // namespace fer
