#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "fer/eval/scored_samples.hpp"

namespace fer {

/// The samples of each group of one attribute or measure.
struct Grouping {
  std::string attribute;
  std::vector<std::string> values;
  std::vector<std::vector<std::size_t>> samples;
};

/// Of all attributes and measures, as analyse_groups() says. Throws a failure for lists of another length.
std::vector<Grouping> groupings_of(const ScoredSamples& scored);

}  // namespace fer
