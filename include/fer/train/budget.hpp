#pragma once

#include "fer/config/train_config.hpp"

namespace fer {

/// The length of a stage, from 0; the last one's may be what the others leave of train.epochs.
int configured_epochs(const TrainConfig& config, int stage);

/// When a stage that begins after `seconds` of training has to end: it gets of the time left of
/// train.max_time what its epochs are of the epochs left.
double stage_deadline(const TrainConfig& config, int stage, double seconds);

/// A stage under a limit of time.
struct StageBudget {
  int configured_epochs = 0;
  int done_epochs = 0;
  double seconds_of_done = 0;  ///< what those took
  double seconds_left = 0;     ///< for the stage
};

/// How many epochs the stage will have in all: those done and as many more as fit at their pace, at most the
/// configured ones. Before the first is done nothing is known: the configured ones.
int planned_epochs(const StageBudget& budget);

}  // namespace fer
