#pragma once

#include <map>
#include <span>
#include <string>

#include "inspection_image.hpp"

namespace fer {

struct InspectedImages {
  const Dataset& dataset;
  std::span<const ImageFacts> facts;  ///< of each sample
  const Inspection& inspection;
};

/// Reads the images again that Inspection::thumbnails has: the examples of the classes, the first
/// options.examples of each kind of problem, and what those duplicate. What cannot be read has none.
std::map<std::string, Thumbnail> make_thumbnails(const InspectedImages& images,
                                                 const InspectionOptions& options, const ProgressFn& progress,
                                                 const StopFn& stop);

}  // namespace fer
