#pragma once

#include <filesystem>
#include <vector>

#include "fer/data/split.hpp"

namespace fer {

/// What a split file says of the samples of a data set; see split_samples().
struct SplitFile {
  std::vector<Part> parts;  ///< of each sample; empty where the file does not say parts
  std::vector<int> folds;   ///< of each sample, 0: in none; empty where the file does not say folds
  std::size_t not_named = 0;
};

/// Either `parts` or `folds` is filled at least. Throws a data error that names the file, and the line where
/// there is one.
SplitFile read_split_file(const std::filesystem::path& path, const Dataset& dataset);

}  // namespace fer
