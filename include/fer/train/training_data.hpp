#pragma once

#include <string>
#include <vector>

#include "fer/config/experiment.hpp"
#include "fer/data/face_crops.hpp"
#include "fer/data/split.hpp"
#include "fer/vision/augment.hpp"

namespace fer {

/// Everything a training reads. Crops are valid as long as this lives.
struct TrainingData {
  Preprocessing preprocessing;
  FaceCrops faces;
  std::vector<Part> parts;  ///< of each sample in faces.dataset
};

/// The preprocessing an experiment asks for.
Preprocessing preprocessing_of(const Experiment& experiment);

/// The augmentation an experiment asks for.
AugmentOptions augment_options_of(const Experiment& experiment);

/// `workers` of the experiment, or one per core.
int worker_count(const Experiment& experiment);

/// Reads, crops and splits; the detector's files are looked for in `models_folder` first. Throws what the
/// parts throw.
TrainingData prepare_training_data(const Experiment& experiment, const std::filesystem::path& models_folder,
                                   const ProgressFn& progress, const StopFn& stop);

/// The first 32 training crops of epoch 1 as the network sees them, eight a row, RGB.
cv::Mat sample_sheet(const Experiment& experiment, const TrainingData& data);

/// SHA-256 over (path, label, part) of every sample and the bytes of its crop: the same for the same
/// experiment on the same images.
std::string data_hash(const TrainingData& data);

}  // namespace fer
