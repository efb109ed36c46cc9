#include "fer/train/budget.hpp"

#include <algorithm>
#include <cmath>

#include "fer/core/text.hpp"

namespace fer {

int configured_epochs(const TrainConfig& config, int stage) {
  const int own = config.stages[static_cast<std::size_t>(stage)].epochs;
  if (own > 0) return own;
  int left = config.epochs;
  for (const StageConfig& other : config.stages) left -= other.epochs;
  return left;
}

double stage_deadline(const TrainConfig& config, int stage, double seconds) {
  int epochs_left = config.epochs;
  for (int i = 0; i < stage; ++i) epochs_left -= config.stages[static_cast<std::size_t>(i)].epochs;
  const double seconds_left = std::max(0.0, parse_duration(config.max_time).value() - seconds);
  return seconds + seconds_left * configured_epochs(config, stage) / epochs_left;
}

int planned_epochs(const StageBudget& budget) {
  if (budget.done_epochs == 0 || budget.seconds_of_done <= 0) return budget.configured_epochs;
  const double pace = budget.seconds_of_done / budget.done_epochs;
  const double more = std::floor(std::max(0.0, budget.seconds_left) / pace);
  const double open = budget.configured_epochs - budget.done_epochs;
  return budget.done_epochs + static_cast<int>(std::min(more, open));
}

}  // namespace fer
