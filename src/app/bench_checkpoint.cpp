#include "bench_checkpoint.hpp"

#include <ATen/ops/randn.h>

#include "fer/model/checkpoint.hpp"
#include "fer/model/quantise.hpp"
#include "fer/model/quantised_checkpoint.hpp"

namespace fer {
namespace {

bool is_learned(const std::string& name) {
  return !name.ends_with(".running_mean") && !name.ends_with(".running_var") &&
         !name.ends_with(".num_batches_tracked");
}

CheckpointFacts facts_of(const CheckpointInfo& info) {
  return {.backbone = info.backbone, .input_size = info.preprocessing.size};
}

CheckpointFacts quantised_facts(const QuantisedCheckpoint& checkpoint) {
  CheckpointFacts facts = facts_of(checkpoint.info);
  facts.quantised = true;
  for (const Layer& layer : checkpoint.layers.layers) {
    if (layer.weight.defined()) facts.parameters += layer.weight.numel();
    if (layer.bias.defined()) facts.parameters += layer.bias.numel();
  }
  return facts;
}

}  // namespace

CheckpointFacts checkpoint_facts(const std::filesystem::path& path) {
  if (is_quantised(path)) return quantised_facts(load_quantised(path));
  const Checkpoint checkpoint = load_checkpoint(path);
  CheckpointFacts facts = facts_of(checkpoint.info);
  for (const auto& [name, tensor] : checkpoint.weights) {
    if (is_learned(name)) facts.parameters += tensor.numel();
  }
  return facts;
}

void quantise_on_noise(const std::filesystem::path& checkpoint, const std::filesystem::path& quantised) {
  constexpr std::int64_t kImages = 4;
  const Checkpoint loaded = load_checkpoint(checkpoint);
  const std::int64_t size = loaded.info.preprocessing.size;
  const at::Tensor noise = at::randn({kImages, 3, size, size});
  save_quantised(quantised, {.info = loaded.info,
                             .layers = quantise(layers_of(loaded, checkpoint.string()),
                                                [&](const auto& look) { look(noise); }),
                             .loss = {.images = "random numbers", .count = kImages}});
}

}  // namespace fer
