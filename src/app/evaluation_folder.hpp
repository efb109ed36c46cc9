#pragma once

#include <filesystem>
#include <string>

#include "fer/core/labels.hpp"
#include "fer/train/training_result.hpp"

namespace fer {

/// A part's evaluation and what its files say besides.
struct EvaluationReport {
  const PartEvaluation& part;
  const ClassList& classes;
  double temperature = 1;
};

/// Metrics, predictions and confusion matrix; `suffix` goes into the file names.
void write_evaluation(const std::filesystem::path& folder, const std::string& suffix,
                      const EvaluationReport& report);

}  // namespace fer
