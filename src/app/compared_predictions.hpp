#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "fer/eval/comparison.hpp"

namespace fer {

/// What several models say of the same images.
struct ComparedPredictions {
  std::vector<std::string> names;  ///< of the models, all different
  ComparedSamples samples;         ///< in the order of the paths
  std::vector<ProbabilityRows> models;
  std::int64_t left_out = 0;  ///< images that only some models have
};

/// Reads the predictions of run or evaluation folders, or of predictions.csv files, and matches them by path
/// and by the names of the classes, which are those of the first. Subjects come from the first split.csv
/// beside the predictions that knows any of them. Throws a usage error for fewer than two models or the same
/// one twice, and, unless only the `common` ones are wanted, for images that only some have; a data error for
/// what is no predictions, other classes, images without a label or with another one, and no image in common.
ComparedPredictions read_compared_predictions(std::span<const std::filesystem::path> models, bool common);

/// Names for folders and files that tell them apart: the folder's, or the file's where it is not simply
/// predictions.csv, with as many folders above as it takes.
std::vector<std::string> telling_names(std::span<const std::filesystem::path> predictions);

}  // namespace fer
