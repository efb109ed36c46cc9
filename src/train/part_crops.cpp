#include "part_crops.hpp"

#include <algorithm>

namespace fer {
namespace {

/// What training aims at: a sample's own shares, or all for its label.
std::vector<float> shares_of(const Sample& sample, int classes) {
  if (!sample.shares.empty()) return sample.shares;
  std::vector<float> shares(static_cast<std::size_t>(classes));
  shares[static_cast<std::size_t>(sample.label)] = 1;
  return shares;
}

}  // namespace

PartCrops part_crops(const TrainingData& data, Part part) {
  const Dataset& dataset = data.faces.dataset;
  PartCrops crops{.samples = indices_of(data.parts, part), .crops = {}, .labels = {}};
  const bool soft = std::ranges::any_of(
      crops.samples, [&](std::size_t sample) { return !dataset.samples[sample].shares.empty(); });
  for (const std::size_t sample : crops.samples) {
    crops.crops.push_back(data.faces.crops[sample]);
    crops.labels.push_back(dataset.samples[sample].label);
    if (soft) crops.shares.push_back(shares_of(dataset.samples[sample], dataset.classes.size()));
  }
  return crops;
}

}  // namespace fer
