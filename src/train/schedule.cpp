#include "fer/train/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "fer/core/error.hpp"

namespace fer {

double learning_rate(std::string_view schedule, double base, std::int64_t step, std::int64_t steps) {
  if (schedule == "constant") return base;
  if (schedule != "cosine") throw usage_error("train.schedule: '{}' is none of constant, cosine", schedule);
  constexpr double kFloor = 0.01;
  const double done =
      steps > 1 ? std::min(1.0, static_cast<double>(step) / static_cast<double>(steps - 1)) : 0.0;
  return base * (kFloor + (1 - kFloor) * (1 + std::cos(std::numbers::pi * done)) / 2);
}

}  // namespace fer
