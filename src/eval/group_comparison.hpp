#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "fer/eval/groups.hpp"

namespace fer {

/// What a comparison needs to know of every sample.
struct Outcomes {
  std::vector<int> labels;
  std::vector<char> right;
  std::vector<std::size_t> clusters;  ///< the subject's number; a sample without one has its own
  std::size_t cluster_count = 0;
  bool subjects_known = false;
  int classes = 0;
};

Outcomes outcomes_of(const ScoredSamples& scored, int classes);

/// Positions of two sets of samples.
struct Sides {
  std::vector<std::size_t> group;
  std::vector<std::size_t> others;
};

/// Whether there are samples, and subjects if any are known, enough to compare them with others.
bool is_enough(const Outcomes& outcomes, std::span<const std::size_t> samples);

double accuracy_of(const Outcomes& outcomes, std::span<const std::size_t> samples);

/// The group's accuracy minus the others'; the interval misses the truth with the probability `alpha`.
AccuracyDifference difference_between(const Outcomes& outcomes, const Sides& sides, double alpha);

/// Nothing where a side is too small. p_holm and differs are left to whoever knows all comparisons.
std::optional<GroupComparison> compare_sides(const Outcomes& outcomes, const Sides& sides);

/// Sets accuracy_ci95 and by_subject.
void add_accuracy_interval(const Outcomes& outcomes, std::span<const std::size_t> samples,
                           GroupMetrics& group);

}  // namespace fer
