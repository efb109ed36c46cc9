#pragma once

#include <vector>

#include "fer/train/training_data.hpp"

namespace fer {

/// The crops of one part of the data, for a BatchLoader to go through.
struct PartCrops {
  std::vector<std::size_t> samples;  // positions in the data set
  std::vector<cv::Mat> crops;
  std::vector<int> labels;
  std::vector<std::vector<float>> shares = {};  // of each label's classes; empty where no sample has any
};

PartCrops part_crops(const TrainingData& data, Part part);

}  // namespace fer
