#include "training_forecast.hpp"

#include <algorithm>

#include "fer/core/text.hpp"
#include "fer/train/budget.hpp"

namespace fer {
namespace {

constexpr int kLastEpochs = 5;

/// The mean of the stage's last epochs.
std::optional<double> seconds_per_epoch(std::span<const EpochResult> history, const EpochPosition& position) {
  double sum = 0;
  int count = 0;
  for (std::size_t i = history.size(); i > 0 && count < kLastEpochs && history[i - 1].stage == position.stage;
       --i) {
    sum += history[i - 1].seconds;
    ++count;
  }
  return count > 0 ? sum / count : position.pace.seconds_for(position.all_batches);
}

double seconds_so_far(std::span<const EpochResult> history) {
  double seconds = 0;
  for (const EpochResult& epoch : history) seconds += epoch.seconds;
  return seconds;
}

}  // namespace

TrainingForecast forecast(const TrainConfig& config, std::span<const EpochResult> history,
                          const EpochPosition& position) {
  TrainingForecast told{.done = static_cast<int>(history.size())};
  const auto stages = static_cast<int>(config.stages.size());
  told.at_least = position.stage < stages;
  told.total = told.done - static_cast<int>(std::ranges::count(history, position.stage, &EpochResult::stage));
  for (int stage = position.stage; stage <= stages; ++stage)
    told.total += configured_epochs(config, stage - 1);
  const double in_epoch = position.all_batches == 0 ? 0
                                                    : static_cast<double>(position.batches) /
                                                          static_cast<double>(position.all_batches);
  told.share = told.total == 0 ? 0 : std::min(1.0, (told.done + in_epoch) / told.total);
  const auto per_epoch = seconds_per_epoch(history, position);
  const auto of_this = position.pace.seconds_for(position.all_batches - position.batches);
  if (!per_epoch) return told;
  told.left = of_this.value_or(*per_epoch) + std::max(0, told.total - told.done - 1) * *per_epoch;
  if (const auto limit = parse_duration(config.max_time))
    told.left = std::min(*told.left, std::max(0.0, *limit - seconds_so_far(history)));
  return told;
}

}  // namespace fer
