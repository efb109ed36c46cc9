#include "training_watcher.hpp"

#include <ctime>

#include "fer/core/files.hpp"
#include "fer/report/training_files.hpp"

namespace fer {

TrainingWatcher::TrainingWatcher(const Console& console, Log& log, std::filesystem::path folder,
                                 const TrainConfig& config)
    : log_(log),
      folder_(std::move(folder)),
      config_(config),
      cache_bar_(console.err, console.terminal, "computing what does not learn"),
      bar_(console.err, console.terminal, "training") {}

void TrainingWatcher::on_start(const StartFacts& start) {
  bf16_ = start.bf16;
  results_.assign(start.history.begin(), start.history.end());
  if (config_.tensorboard) events_.emplace(folder_, results_, std::time(nullptr));
  if (!results_.empty()) {
    write_file(folder_ / "results.csv", results_csv(results_));
    log_.info("going on after epoch {}", results_.size());
  }
  if (start.threads != start.threads_before) {
    log_.warning("saved with {} threads, now there are {}: the result will differ in its last digits",
                 start.threads_before, start.threads);
  }
  log_.info("precision: {}", bf16_ ? "bf16 (mixed)" : "fp32");
}

void TrainingWatcher::on_cache(std::size_t done, std::size_t total) { cache_bar_.update(done, total); }

void TrainingWatcher::on_stage(const StageFacts& stage) {
  cache_bar_.clear();
  const std::string cached =
      stage.cached_bytes == 0
          ? ""
          : fmt::format("; what does not learn was computed once ({:.1f} MB)", stage.cached_bytes / 1e6);
  log_.info("stage {}: {} for {} epochs{}", stage.stage, stage.trainable, stage.epochs, cached);
}

void TrainingWatcher::on_batch(int epoch, std::size_t done, std::size_t total) {
  const auto before = static_cast<std::size_t>(epoch - 1) * total;
  bar_.update(before + done, total * static_cast<std::size_t>(config_.epochs),
              fmt::format("batches, epoch {}", epoch));
}

void TrainingWatcher::on_epoch(const EpochResult& epoch, bool best) {
  bar_.clear();
  results_.push_back(epoch);
  write_file(folder_ / "results.csv", results_csv(results_));
  if (events_) events_->append(epoch);
  log_.info(
      "epoch {}/{} stage {} lr {:.2e} | train loss {:.4f} acc {:.4f} | val loss {:.4f} acc {:.4f} F1 {:.4f} "
      "| "
      "{:.0f} images/s, {:.1f} s{}",
      epoch.epoch, config_.epochs, epoch.stage, epoch.lr, epoch.train_loss, epoch.train_accuracy,
      epoch.val_loss, epoch.val_accuracy, epoch.val_macro_f1, epoch.images_per_second, epoch.seconds,
      best ? " *" : "");
}

void TrainingWatcher::on_rollback(const std::string& why, double scale) {
  bar_.clear();
  log_.warning("{}; back to what was last saved, and on at {:g} times the learning rate", why, scale);
}

void TrainingWatcher::finish() { bar_.clear(); }

}  // namespace fer
