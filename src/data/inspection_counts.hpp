#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "inspection_image.hpp"

namespace fer {

/// Of the samples of one label, or of all. `facts` are those of the data set's samples, in step.
ImageCounts count_images(const Dataset& dataset, std::span<const ImageFacts> facts, std::optional<int> label,
                         std::size_t detectors);

/// Paths of up to `count` images of the label that have no problem, spread evenly.
std::vector<std::string> example_images(const Dataset& dataset, std::span<const ImageFacts> facts, int label,
                                        int count);

/// Fills what Inspection says of subjects and attributes.
void count_subjects(const Dataset& dataset, Inspection& inspection);
void count_attributes(const Dataset& dataset, Inspection& inspection);

}  // namespace fer
