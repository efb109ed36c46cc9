#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace fer {

/// What a checkpoint is, for those who need no tensors.
struct CheckpointFacts {
  std::string backbone = {};
  int input_size = 0;           ///< pixels a side
  std::int64_t parameters = 0;  ///< numbers that were learned; of a quantised one, weights and biases
  bool quantised = false;
};

/// Throws a data error for a file that is no checkpoint.
CheckpointFacts checkpoint_facts(const std::filesystem::path& path);

/// Quantises a checkpoint on random images, to measure with: as fast as a properly quantised one, and of no
/// other use. Throws a usage error for a backbone that is not done with bytes.
void quantise_on_noise(const std::filesystem::path& checkpoint, const std::filesystem::path& quantised);

}  // namespace fer
