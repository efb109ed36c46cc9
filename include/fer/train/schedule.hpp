#pragma once

#include <cstdint>
#include <span>

#include "fer/config/optimizer_config.hpp"

namespace fer {

/// Where a stage stands.
struct StageProgress {
  std::int64_t step = 0;                    ///< of the stage, from 0
  std::int64_t steps = 1;                   ///< of the whole stage
  std::int64_t steps_per_epoch = 1;         ///< >= 1
  std::span<const double> val_losses = {};  ///< of the stage's epochs so far, for "plateau"
};

/// The share of a stage's learning rate at a step: a pure function, so that resuming needs nothing but the
/// step and the history.
/// All: a linear rise over `warmup` epochs, then over what is left of the stage
/// constant: 1. step: factor^(epoch / step_epochs). cosine: from 1 down to `floor` at the last step
/// (Loshchilov & Hutter 2017). one_cycle: from 1/25 up to 1 after 30 % and down to `floor`, both along a
/// cosine (Smith 2018). plateau: times `factor` whenever the validation loss has not improved for `patience`
/// epochs. Throws a usage error for another name.
double learning_rate_share(const ScheduleConfig& schedule, const StageProgress& progress);

}  // namespace fer
