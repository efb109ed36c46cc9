#include "fer/train/budget.hpp"

#include <algorithm>
#include <cmath>

namespace fer {

int planned_epochs(const StageBudget& budget) {
  if (budget.done_epochs == 0 || budget.seconds_of_done <= 0) return budget.configured_epochs;
  const double pace = budget.seconds_of_done / budget.done_epochs;
  const double more = std::floor(std::max(0.0, budget.seconds_left) / pace);
  const double open = budget.configured_epochs - budget.done_epochs;
  return budget.done_epochs + static_cast<int>(std::min(more, open));
}

}  // namespace fer
