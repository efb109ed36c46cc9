#include "part_crops.hpp"

namespace fer {

PartCrops part_crops(const TrainingData& data, Part part) {
  PartCrops crops{.samples = indices_of(data.parts, part), .crops = {}, .labels = {}};
  for (const std::size_t sample : crops.samples) {
    crops.crops.push_back(data.faces.crops[sample]);
    crops.labels.push_back(data.faces.dataset.samples[sample].label);
  }
  return crops;
}

}  // namespace fer
