#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "fer/model/checkpoint.hpp"
#include "fer/model/quantise.hpp"

namespace fer {

/// What quantisation cost, measured on labelled images.
struct QuantisationLoss {
  std::string images;      ///< a line for people: which ones
  std::int64_t count = 0;  ///< how many
  double accuracy = 0;     ///< of the checkpoint in float, 0..1
  double int8_accuracy = 0;

  bool operator==(const QuantisationLoss&) const = default;
};

/// As files carry it in their metadata, under "quantisation".
std::string to_text(const QuantisationLoss& loss);

/// One safetensors file: int8 weights as NAME.weight with NAME.weight_steps, biases as NAME.bias, the maps'
/// scales as values.step and values.zero (step 0: no scale), what save_checkpoint() writes of `info` and the
/// loss in the metadata. Programs that know none refuse its version.
struct QuantisedCheckpoint {
  CheckpointInfo info;
  QuantisedLayers layers;
  QuantisationLoss loss;
};

/// Appears whole or not at all.
void save_quantised(const std::filesystem::path& path, const QuantisedCheckpoint& checkpoint);

/// Throws a data error naming the path for a file that is missing, damaged, or no quantised checkpoint.
QuantisedCheckpoint load_quantised(const std::filesystem::path& path);

/// Whether a file is one, as far as its header says; false for one that cannot be read.
bool is_quantised(const std::filesystem::path& path);

}  // namespace fer
