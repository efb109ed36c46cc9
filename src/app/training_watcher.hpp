#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "fer/app/program.hpp"
#include "fer/core/progress.hpp"
#include "fer/report/event_file.hpp"
#include "fer/train/trainer.hpp"
#include "log.hpp"

namespace fer {

/// Follows a training: progress bar, log lines, results.csv per epoch, and event files where they are asked
/// for.
class TrainingWatcher final : public TrainingObserver {
 public:
  TrainingWatcher(const Console& console, Log& log, std::filesystem::path folder, const TrainConfig& config);

  void on_start(const StartFacts& start) override;
  void on_cache(std::size_t done, std::size_t total) override;
  void on_stage(const StageFacts& stage) override;
  void on_batch(int epoch, std::size_t done, std::size_t total) override;
  void on_epoch(const EpochResult& epoch, bool best) override;
  void on_rollback(const std::string& why, double scale) override;
  void finish();

  bool bf16() const { return bf16_; }

 private:
  Log& log_;
  std::filesystem::path folder_;
  const TrainConfig& config_;
  bool bf16_ = false;
  std::vector<EpochResult> results_;
  std::optional<EventFile> events_;
  ProgressBar cache_bar_;
  ProgressBar bar_;
};

}  // namespace fer
