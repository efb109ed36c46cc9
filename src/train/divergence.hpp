#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "part_crops.hpp"

namespace fer {

/// Training has left the finite numbers.
struct Diverged {
  std::string what;
  std::vector<std::size_t> samples;  // of the batch, where it is known; positions in the training part
};

/// In words for an error message. The files of the batch, where it is known, are listed in `list`.
std::string describe(const Diverged& diverged, const TrainingData& data, const PartCrops& train,
                     const std::filesystem::path& list);

}  // namespace fer
