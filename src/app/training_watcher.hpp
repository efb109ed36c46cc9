#pragma once

#include <optional>

#include "fer/core/progress.hpp"
#include "fer/report/event_file.hpp"
#include "fer/train/trainer.hpp"
#include "log.hpp"
#include "report_page.hpp"
#include "training_forecast.hpp"

namespace fer {

/// Follows a training: a bar with the whole of it and the epoch in progress, log lines, results.csv and
/// report.html per epoch, and event files where they are asked for. `series` names the run among others, such
/// as "fold 3/10".
class TrainingWatcher final : public TrainingObserver {
 public:
  /// `page` lies in the run's folder; its course is filled here.
  TrainingWatcher(Log& log, TrainingPage& page, const TrainConfig& config, const std::string& series);

  void on_start(const StartFacts& start) override;
  void on_step(std::string_view step, std::size_t done, std::size_t total) override;
  void on_stage(const StageFacts& stage) override;
  void on_batch(int epoch, std::size_t done, std::size_t total) override;
  void on_validation(std::size_t done, std::size_t total) override;
  void on_epoch(const EpochResult& epoch, bool best) override;
  void on_rollback(const std::string& why, double scale) override;
  void finish();

  bool bf16() const { return bf16_; }

 private:
  void show(const std::string& note);
  void show_next_epoch();
  void write_course();

  Log& log_;
  TrainingPage& page_;
  const TrainConfig& config_;
  bool bf16_ = false;
  std::optional<EventFile> events_;
  std::string series_;
  ProgressBar step_bar_;
  ProgressBar bar_;
  EpochPosition position_;
  int epoch_ = 0;  ///< the one in progress
  Pace validation_;
};

}  // namespace fer
