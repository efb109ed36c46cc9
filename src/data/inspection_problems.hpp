#pragma once

#include <span>
#include <string>
#include <vector>

#include "inspection_duplicates.hpp"

namespace fer {

/// Everything that is wrong, in the order of Inspection::problems. `facts` are those of the data set's
/// samples, in step.
std::vector<Problem> list_problems(const Dataset& dataset, std::span<const ImageFacts> facts,
                                   std::span<const SampleGroup> duplicates,
                                   std::span<const std::string> detectors);

}  // namespace fer
