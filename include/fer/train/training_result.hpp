#pragma once

#include <string>
#include <vector>

#include "fer/core/calibration.hpp"
#include "fer/eval/evaluation.hpp"

namespace fer {

/// One epoch, as results.csv tells it. Accuracies and F1 are shares 0..1.
struct EpochResult {
  int epoch = 0;  ///< 1-based, over all stages
  int stage = 0;  ///< 1-based
  double lr = 0;  ///< at the end of the epoch
  double train_loss = 0;
  double train_accuracy = 0;  ///< on the augmented crops, while learning
  double val_loss = 0;
  double val_accuracy = 0;
  double val_macro_f1 = 0;
  double images_per_second = 0;  ///< training images over the training part of the epoch
  double seconds = 0;            ///< the whole epoch
};

/// How a training ended.
enum class TrainingEnd {
  finished,       ///< all epochs
  early_stopped,  ///< the monitored figure no longer improved
  out_of_time,    ///< train.max_time was used up
  stopped,        ///< on request; what was reached is saved
};

/// What a classifier says of a part of the data, and how right it is.
struct PartEvaluation {
  std::string part;  ///< "val" or "test"
  ScoredSamples scored;
  Evaluation evaluation;
};

/// What a training comes to.
struct TrainingResult {
  std::vector<EpochResult> epochs;
  int best_epoch = 0;  ///< 0: none was completed
  TrainingEnd end = TrainingEnd::finished;
  Calibration calibration;                  ///< of the best checkpoint
  std::vector<PartEvaluation> evaluations;  ///< of the best checkpoint: val, then test where there is one
};

}  // namespace fer
