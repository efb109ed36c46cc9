#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fer/core/labels.hpp"
#include "fer/eval/metrics.hpp"

namespace fer {

struct MetricsReport {
  std::string split;  ///< which samples: "val", "test"
  ClassList classes;
  Metrics metrics;
  double temperature = 1;  ///< the probabilities were made with it
  std::vector<GroupMetrics> groups;
};

/// The text of metrics.json. A number that does not exist (kappa of a single class) is null.
/// Throws a failure if the metrics are those of another number of classes.
std::string metrics_json(const MetricsReport& report);

/// The text of confusion_matrix.csv: `label,<class>…`, one row per label, counts by predicted class.
std::string confusion_csv(const Confusion& confusion, const ClassList& classes);

/// One row of predictions.csv.
struct Prediction {
  std::string path;
  std::optional<int> label;          ///< nothing: not known, an empty field
  std::vector<float> probabilities;  ///< in class order
};

/// The text of predictions.csv: `path,label,predicted,<class>…`, probabilities to the last digit.
std::string predictions_csv(std::span<const Prediction> predictions, const ClassList& classes);

}  // namespace fer
