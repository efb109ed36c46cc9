#pragma once

#include <span>
#include <vector>

#include "inspection_image.hpp"

namespace fer {

/// Samples that are one image: the first, and those that equal it or look like it.
struct SampleGroup {
  ProblemKind kind = ProblemKind::duplicate;  ///< or near_duplicate
  std::vector<std::size_t> samples = {};      ///< ascending, two at least
  std::vector<double> differences = {};       ///< of each to the first; 0 of duplicates
};

/// Groups of equal pixels, then groups of look-alikes among the first ones of those and the other images. An
/// image joins the earlier one that it differs least from, unless that has joined another itself: no chain
/// makes a group. Samples with a problem are left out. Throws Stopped when `stop` says so.
std::vector<SampleGroup> find_duplicates(std::span<const ImageFacts> facts, const ProgressFn& progress,
                                         const StopFn& stop);

}  // namespace fer
