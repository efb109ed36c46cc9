#pragma once

#include <filesystem>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "fer/config/split_method.hpp"
#include "fer/report/training_files.hpp"
#include "training_run.hpp"

namespace fer {

/// Sets data.split.folds to what the data have, where they tell.
void settle_folds(Experiment& experiment, const Dataset& dataset);

/// All folds are asked for, one after the other.
bool is_cross_validation(const Experiment& experiment);

/// "fold 3/10" of a split that is one fold, else "".
std::string fold_text(const SplitConfig& split);

/// The experiment with this fold as its test part, under a name of its own.
Experiment fold_experiment(Experiment experiment, int fold);

/// The test parts of all folds, each scored by the run that never saw it, as one.
class FoldPool {
 public:
  /// `data` as it was divided for the run.
  void add(const TrainingRun& run, const TrainingData& data);

  /// Metrics of the pool with the files of any evaluation, folds.json, split.csv with the folds, which method
  /// `file` reads, and config.yaml; the last lines on stdout and in the log.
  void report(const std::filesystem::path& folder, const Experiment& experiment, const TrainingData& data,
              const Console& console, Log& log);

 private:
  PartEvaluation pooled_;
  std::vector<cv::Mat> crops_;
  std::vector<SeriesRun> runs_;
};

}  // namespace fer
