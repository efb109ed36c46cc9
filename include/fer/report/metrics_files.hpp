#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fer/core/calibration.hpp"
#include "fer/core/labels.hpp"
#include "fer/eval/evaluation.hpp"

namespace fer {

/// An evaluation and what its files say of where it comes from.
struct MetricsReport {
  std::string split;          ///< which samples: "val", "test"
  std::string protocol = {};  ///< one line: how the samples were set apart
  ClassList classes;
  Metrics metrics;
  Calibration calibration = {};              ///< the probabilities were made with it
  bool in_sample = false;                    ///< it was fitted on these very samples, so they flatter it
  std::optional<Metrics> uncalibrated = {};  ///< what they were before; nothing: not known
  std::vector<GroupMetrics> groups;
  std::vector<GroupGap> gaps = {};
  std::optional<MetricIntervals> intervals = {};  ///< nothing: metrics.json is without
};

/// The text of metrics.json. A number that does not exist (kappa of a single class) is null.
/// Throws a failure if the metrics are those of another number of classes.
std::string metrics_json(const MetricsReport& report);

/// The text of reliability.csv:
/// `calibration,low,high,samples,confidence,accuracy,accuracy_low,accuracy_high`, a row per bin, empty ones
/// too; `calibration` is `before` or `after`, the first only where it is known.
std::string reliability_csv(const Evaluation& evaluation);

/// The text of confusion_matrix.csv: `label,<class>…`, one row per label, counts by predicted class.
std::string confusion_csv(const Confusion& confusion, const ClassList& classes);

/// One row of predictions.csv.
struct Prediction {
  std::string path;
  std::optional<int> label;          ///< nothing: not known, an empty field
  std::vector<float> probabilities;  ///< in class order
  std::string source = {};           ///< empty: not known
};

/// The text of predictions.csv: `path,label,predicted,<class>…`, probabilities to the last digit, and where
/// the source of a sample is known a last column `source`.
std::string predictions_csv(std::span<const Prediction> predictions, const ClassList& classes);

/// What predictions_csv() wrote.
struct PredictionList {
  ClassList classes;
  std::vector<Prediction> predictions;
};

/// Throws a data error that names file and line for columns other than predictions.csv's, classes that cannot
/// be told apart, a label that is none of them, a path that is empty or stands there twice, probabilities
/// that are not finite, not in 0..1 or do not sum to 1 (to one per cent, as half precision rounds), and a
/// `predicted` that is not the most probable class; and for a file without predictions.
PredictionList read_predictions(const std::filesystem::path& path);

}  // namespace fer
