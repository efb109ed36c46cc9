#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "fer/report/metrics_files.hpp"

namespace fer {

/// A sample of which a copy has another label, in which the model believes more.
struct Contradiction {
  std::size_t sample = 0;  ///< its position among the predictions
  int other_label = 0;
};

/// From problems.csv of `fer-data check` (or the folder that holds it): of images that are one, exactly or
/// nearly, and stand under several labels, at most one label can be right. It is taken to be the one with the
/// largest probability over the copies, and the samples with another one are listed, in the order of the
/// predictions. Each prediction has a label. Throws a data error for a file that is none.
std::vector<Contradiction> find_contradictions(const std::filesystem::path& problems,
                                               std::span<const Prediction> predictions);

}  // namespace fer
