#include "training_watcher.hpp"

#include <ctime>

#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "fer/report/training_files.hpp"

namespace fer {

TrainingWatcher::TrainingWatcher(Log& log, TrainingPage& page, const TrainConfig& config,
                                 const std::string& series)
    : log_(log), page_(page), config_(config), series_(series), step_bar_(log.bar("")), bar_(log.bar("")) {}

void TrainingWatcher::on_start(const StartFacts& start) {
  step_bar_.clear();
  bf16_ = start.bf16;
  auto& epochs = page_.course.epochs;
  epochs.assign(start.history.begin(), start.history.end());
  page_.course.planned = config_.epochs;
  for (const StageConfig& stage : config_.stages) page_.course.stages.push_back(stage.trainable);
  if (config_.tensorboard) events_.emplace(page_.folder, epochs, std::time(nullptr));
  write_course();
  if (!epochs.empty()) log_.info("going on after epoch {}", epochs.size());
  if (!start.fitted.empty()) log_.info("starting weights: {}", start.fitted);
  if (start.threads != start.threads_before) {
    log_.warning("saved with {} threads, now there are {}: the result will differ in its last digits",
                 start.threads_before, start.threads);
  }
  log_.info("precision: {}", bf16_ ? "bf16 (mixed)" : "fp32");
}

void TrainingWatcher::on_step(std::string_view step, std::size_t done, std::size_t total) {
  step_bar_.update_step(series_.empty() ? std::string(step) : fmt::format("{} {}", series_, step), done,
                        total);
}

void TrainingWatcher::on_stage(const StageFacts& stage) {
  step_bar_.clear();
  bar_.clear();
  position_ = {.stage = stage.stage};
  const std::string cached =
      stage.cached_bytes == 0
          ? ""
          : fmt::format("; what does not learn was computed once ({:.1f} MB)", stage.cached_bytes / 1e6);
  log_.info("stage {}: {} for {} epochs{}", stage.stage, stage.trainable, stage.epochs, cached);
  show_next_epoch();
}

void TrainingWatcher::on_batch(int epoch, std::size_t done, std::size_t total) {
  if (epoch != epoch_) {
    epoch_ = epoch;
    position_.pace = Pace(done, bar_.seconds());
  }
  position_.batches = done;
  position_.all_batches = total;
  position_.pace.at(done, bar_.seconds());
  validation_ = Pace(0, bar_.seconds());
  const double images = position_.pace.rate() * config_.batch_size;
  show(fmt::format("epoch {}: {}/{} {}{}", epoch, done, total,
                   left_text(position_.pace.seconds_for(total - done)),
                   images > 0 ? ", " + rate_text(images, " img") : ""));
}

void TrainingWatcher::on_validation(std::size_t done, std::size_t total) {
  validation_.at(done, bar_.seconds());
  show(fmt::format("epoch {}: validating {}/{} {}", epoch_, done, total,
                   left_text(validation_.seconds_for(total - done))));
}

/// Its first batch may take long.
void TrainingWatcher::show_next_epoch() {
  if (forecast(config_, page_.course.epochs, position_).share < 1)
    show(fmt::format("epoch {}", page_.course.epochs.size() + 1));
}

void TrainingWatcher::show(const std::string& note) {
  const TrainingForecast told = forecast(config_, page_.course.epochs, position_);
  bar_.show({.title = series_.empty() ? "training" : series_,
             .done = static_cast<std::size_t>(told.done),
             .total = static_cast<std::size_t>(told.total),
             .share = told.share,
             .left = told.left,
             .at_least = told.at_least,
             .note = note});
}

void TrainingWatcher::on_epoch(const EpochResult& epoch, bool best) {
  bar_.clear();
  epoch_ = 0;
  auto& epochs = page_.course.epochs;
  std::erase_if(epochs,
                [&](const EpochResult& other) { return other.epoch >= epoch.epoch; });  // after a rollback
  epochs.push_back(epoch);
  if (best) page_.course.best_epoch = epoch.epoch;
  write_course();
  if (events_) events_->append(epoch);
  log_.info(
      "epoch {}/{} stage {} lr {:.2e} | train loss {:.4f} acc {:.4f} | val loss {:.4f} acc {:.4f} F1 {:.4f} "
      "| "
      "{:.0f} images/s, {:.1f} s{}",
      epoch.epoch, config_.epochs, epoch.stage, epoch.lr, epoch.train_loss, epoch.train_accuracy,
      epoch.val_loss, epoch.val_accuracy, epoch.val_macro_f1, epoch.images_per_second, epoch.seconds,
      best ? " *" : "");
  position_.batches = 0;
  position_.pace = Pace();
  show_next_epoch();
}

void TrainingWatcher::on_rollback(const std::string& why, double scale) {
  bar_.clear();
  epoch_ = 0;
  log_.warning("{}; back to what was last saved, and on at {:g} times the learning rate", why, scale);
}

void TrainingWatcher::finish() {
  step_bar_.clear();
  bar_.clear();
  page_.course.running = false;
}

void TrainingWatcher::write_course() {
  const auto& epochs = page_.course.epochs;
  if (!epochs.empty()) write_file(page_.folder / "results.csv", results_csv(epochs));
  page_.course.running = true;
  page_.course.written = utc_now();
  write_page(page_);
}

}  // namespace fer
