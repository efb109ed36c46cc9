#pragma once

#include <cstddef>
#include <filesystem>
#include <opencv2/core.hpp>
#include <span>

#include "fer/eval/scored_samples.hpp"
#include "fer/model/predictor.hpp"
#include "fer/train/training_data.hpp"
#include "log.hpp"

namespace fer {

/// The data of an experiment under the checkpoint's own preprocessing and classes; the parts are not made
/// yet. Throws a usage error that names classes of the data which the checkpoint does not know.
TrainingData load_for(const Predictor& predictor, const Experiment& experiment,
                      const std::filesystem::path& models_folder, Log& log);

/// How many samples stand in the run's split.csv as trained on; they cannot tell how good it is. Throws a
/// data error for any unless they are allowed.
std::ptrdiff_t count_trained_on(const ScoredSamples& scored, const std::filesystem::path& run, bool allowed);

/// Adds the probabilities, before and after calibration, with a progress bar.
void score(ScoredSamples& scored, LogitPredictor& predictor, std::span<const cv::Mat> crops, const Log& log);

}  // namespace fer
