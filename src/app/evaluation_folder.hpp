#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <span>
#include <string>

#include "fer/core/calibration.hpp"
#include "fer/core/labels.hpp"
#include "fer/train/training_result.hpp"
#include "log.hpp"
#include "report_link.hpp"

namespace fer {

/// A part's evaluation and what its files say besides.
struct EvaluationReport {
  const PartEvaluation& part;
  const ClassList& classes;
  const Calibration& calibration;
  std::string protocol;    ///< one line: how the samples were set apart
  bool in_sample = false;  ///< the calibration was fitted on this part
  /// Of the scored samples, as the network saw them; none: no mistakes.jpg.
  std::span<const cv::Mat> crops = {};
};

/// Metrics, predictions, confusion matrix, reliability diagram and error analysis; `suffix` goes into the
/// file names.
void write_evaluation(const std::filesystem::path& folder, const std::string& suffix,
                      const EvaluationReport& report);

/// evaluate_samples() with a progress bar.
Evaluation evaluate_with_bar(const ScoredSamples& scored, const ClassList& classes, const Log& log);

/// The line on stdout: part, accuracy with its interval, other figures, number of images, protocol.
std::string evaluation_line(const PartEvaluation& part, const std::string& protocol);

/// What calibration did to a part.
void log_calibration(const PartEvaluation& part, const Calibration& calibration, bool in_sample, Log& log);

/// Why a part's mistakes happen, in a few lines.
void log_errors(const PartEvaluation& part, const ClassList& classes, Log& log);

}  // namespace fer
