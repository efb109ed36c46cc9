#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "fer/config/train_config.hpp"
#include "fer/core/pace.hpp"
#include "fer/train/training_result.hpp"

namespace fer {

/// Where a training stands within an epoch.
struct EpochPosition {
  int stage = 1;            ///< 1-based
  std::size_t batches = 0;  ///< done
  std::size_t all_batches = 0;
  Pace pace = Pace();  ///< of the batches
};

/// How far a training is and how long it may take.
struct TrainingForecast {
  int done = 0;                     ///< epochs
  int total = 0;                    ///< epochs, if no stage that is left ends early
  double share = 0;                 ///< done of all epochs, with the part of the one in progress
  std::optional<double> left = {};  ///< seconds; nothing: not known yet
  bool at_least = false;            ///< later stages are taken to be as fast as this one, and most are slower
};

/// From how long the last epochs of the stage took, validation included, and before there is one from the
/// batches so far; not beyond train.max_time. `history` holds the epochs done.
TrainingForecast forecast(const TrainConfig& config, std::span<const EpochResult> history,
                          const EpochPosition& position);

}  // namespace fer
