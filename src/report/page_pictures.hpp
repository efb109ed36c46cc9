#pragma once

#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "fer/eval/scored_samples.hpp"

namespace fer {

/// The samples behind each cell (label, predicted) of a confusion matrix, the one surest of the answer first;
/// at most `per_cell` of a cell and `in_all` together, which the cells share evenly.
using CellSamples = std::map<std::pair<int, int>, std::vector<std::size_t>>;
CellSamples cell_samples(const ScoredSamples& scored, std::size_t per_cell, std::size_t in_all);

}  // namespace fer
