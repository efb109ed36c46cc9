#pragma once

namespace fer {

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
