#pragma once

#include <span>
#include <string>
#include <vector>

#include "fer/core/calibration.hpp"
#include "fer/train/training_data.hpp"
#include "fer/train/training_result.hpp"
#include "part_crops.hpp"

namespace fer {

bool all_finite(const std::vector<std::vector<float>>& rows);

std::vector<std::vector<float>> probabilities_of(const std::vector<std::vector<float>>& logits,
                                                 const Calibration& calibration);

/// What logits say of a part of the data, with and without calibration, as a whole and by every attribute of
/// its samples. `progress` counts resamples.
PartEvaluation evaluation_of(const TrainingData& data, Part part,
                             const std::vector<std::vector<float>>& logits, const Calibration& calibration,
                             const ProgressFn& progress);

/// How good an epoch is by one of its figures, higher being better; equal accuracies and F1s are told apart
/// by the loss. Throws a usage error for another name.
std::pair<double, double> merit(const EpochResult& epoch, const std::string& figure);

/// Epochs since the monitored figure was at its best.
int epochs_without_gain(std::span<const EpochResult> epochs, const std::string& monitor);

}  // namespace fer
