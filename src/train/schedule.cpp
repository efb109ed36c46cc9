#include "fer/train/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "fer/core/error.hpp"

namespace fer {
namespace {

/// From `from` at 0 to `to` at 1 along half a cosine.
double cosine_between(double from, double to, double done) {
  return to + (from - to) * (1 + std::cos(std::numbers::pi * done)) / 2;
}

double one_cycle(double floor, double done) {
  constexpr double kStart = 1.0 / 25;
  constexpr double kRise = 0.3;
  if (done < kRise) return cosine_between(kStart, 1, done / kRise);
  return cosine_between(1, floor, (done - kRise) / (1 - kRise));
}

/// How often the loss rested for `patience` epochs; each time the waiting begins anew.
int plateaus(std::span<const double> losses, int patience) {
  double best = std::numeric_limits<double>::infinity();
  int without_gain = 0;
  int count = 0;
  for (const double loss : losses) {
    without_gain = loss < best ? 0 : without_gain + 1;
    best = std::min(best, loss);
    if (without_gain < patience) continue;
    ++count;
    without_gain = 0;
  }
  return count;
}

}  // namespace

double learning_rate_share(const ScheduleConfig& schedule, const StageProgress& progress) {
  const auto per_epoch = static_cast<double>(progress.steps_per_epoch);
  const double warmup = std::round(schedule.warmup * per_epoch);
  const auto step = static_cast<double>(progress.step);
  if (step < warmup) return (step + 1) / warmup;
  const double last = static_cast<double>(progress.steps) - 1 - warmup;
  const double done = last > 0 ? std::min(1.0, (step - warmup) / last) : 0.0;
  const double epoch = std::floor((step - warmup) / per_epoch);
  if (schedule.name == "constant") return 1;
  if (schedule.name == "step") return std::pow(schedule.factor, std::floor(epoch / schedule.step_epochs));
  if (schedule.name == "cosine") return cosine_between(1, schedule.floor, done);
  if (schedule.name == "one_cycle") return one_cycle(schedule.floor, done);
  if (schedule.name == "plateau") {
    return std::pow(schedule.factor, plateaus(progress.val_losses, schedule.patience));
  }
  throw usage_error("train.schedule.name: '{}' is none of constant, step, cosine, one_cycle, plateau",
                    schedule.name);
}

}  // namespace fer
