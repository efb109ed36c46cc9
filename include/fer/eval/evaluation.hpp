#pragma once

#include <vector>

#include "fer/eval/metrics.hpp"
#include "fer/eval/scored_samples.hpp"

namespace fer {

/// Everything a report says of scored samples.
struct Evaluation {
  Metrics metrics;
  std::vector<GroupMetrics> groups;  ///< by every attribute, in alphabetical order
};

/// Throws as evaluate() does.
Evaluation evaluate_samples(const ScoredSamples& scored, int classes);

}  // namespace fer
