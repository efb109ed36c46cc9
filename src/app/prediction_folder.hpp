#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "fer/report/metrics_files.hpp"

namespace fer {

/// The path as others may have written it, too: without "." and "a/..".
std::string normal_path(const std::string& path);

/// The predictions.csv of a run, evaluation or cross-validation folder, or the file itself. Throws a data
/// error for a folder without one.
std::filesystem::path predictions_of(const std::filesystem::path& path);

/// The subject of each image in split.csv beside the predictions, by normal path, "" where it does not say;
/// nothing without that file.
std::map<std::string, std::string> subjects_beside(const std::filesystem::path& predictions);

/// What is known of how predictions and their model's training go together.
struct Provenance {
  std::string text = {};            ///< one line
  bool known = false;               ///< whether the model was trained on the images
  std::size_t trained_on = 0;       ///< images of the predictions on which it was
  std::filesystem::path list = {};  ///< the split.csv that says so
};

/// By what lies beside the predictions: folds.json of a cross-validation, the manifest of an evaluation,
/// which leads to the split.csv of the checkpoint's run, or the split.csv of a run.
Provenance provenance_of(const std::filesystem::path& predictions, std::span<const Prediction> found);

}  // namespace fer
