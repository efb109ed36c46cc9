#pragma once

#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fer/config/experiment.hpp"
#include "fer/core/files.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/train/trainer.hpp"
#include "train/temp_folder.hpp"

namespace fer::test {

inline constexpr int kSide = 32;  ///< of the crops

/// 7 classes of 20 crops: 14 to learn from, 4 for validation, 2 for the test. Each class has a colour and
/// stripes of its own, under light and noise that differ from crop to crop.
TrainingData make_striped_data();
/// The same, made once.
const TrainingData& striped_data();

/// Without augmentation, in batches of 14.
Experiment striped_experiment(std::vector<StageConfig> stages, int epochs);

/// Weights of a 3-class network that never learned, but whose BatchNorm statistics are those of the crops, so
/// that already a head on its features tells the classes apart.
TensorMap starting_weights();

/// Counts what a training tells.
class Watcher final : public TrainingObserver {
 public:
  void on_start(const StartFacts& start) override { fitted = start.fitted; }
  void on_stage(const StageFacts& stage) override { stages.push_back(stage); }
  void on_batch(int epoch, std::size_t done, std::size_t total) override {
    ++batches;
    EXPECT_EQ(static_cast<std::size_t>(epoch - 1) * total + done, batches + batches_before);
  }
  void on_step(std::string_view step, std::size_t done, std::size_t total) override {
    EXPECT_LE(done, total);
    steps[std::string(step)] = {done, total};
  }
  void on_validation(std::size_t done, std::size_t total) override { validated = {done, total}; }
  void on_rollback(const std::string& why, double scale) override {
    EXPECT_THAT(why, testing::HasSubstr("no longer finite"));
    scales.push_back(scale);
    batches = 0;  // nothing but the beginning was saved
  }
  void on_epoch(const EpochResult& epoch, bool is_best) override {
    epochs.push_back(epoch.epoch);
    if (is_best) best = epoch.epoch;
  }

  std::size_t batches = 0;
  std::size_t batches_before = 0;  ///< of a run that goes on
  std::string fitted;
  std::vector<StageFacts> stages;
  std::map<std::string, std::pair<std::size_t, std::size_t>> steps;  ///< where each was last
  std::pair<std::size_t, std::size_t> validated;
  std::vector<double> scales;
  std::vector<int> epochs;
  int best = 0;
};

class TrainerTest : public TempFolderTest {
 protected:
  static void SetUpTestSuite() {
    start_ = starting_weights();
    start_file_ =
        std::filesystem::temp_directory_path() / fmt::format("fer-start-{}.safetensors", ::getpid());
    write_safetensors(start_file_, {.tensors = start_, .metadata = {}});
  }
  static void TearDownTestSuite() {
    std::filesystem::remove(start_file_);
    start_.clear();
  }

  TrainingResult run(const Experiment& experiment, const std::string& name = "run", const StopFn& stop = {}) {
    std::filesystem::create_directories(folder_ / name);
    const TrainingPlan plan{.weights = weights_, .device = "cpu", .resume = false};
    return train(experiment, plan, striped_data(), folder_ / name, watcher_, stop);
  }

  TrainingResult resume(const Experiment& experiment, const std::string& name, const StopFn& stop = {}) {
    const TrainingPlan plan{.weights = {}, .device = "cpu", .resume = true};
    return train(experiment, plan, striped_data(), folder_ / name, watcher_, stop);
  }

  std::string bytes(const std::string& name) const { return read_file(folder_ / (name + ".safetensors")); }

  Checkpoint checkpoint(const std::string& name) const {
    return load_checkpoint(folder_ / (name + ".safetensors"));
  }

  inline static TensorMap start_;
  inline static std::filesystem::path start_file_;
  std::filesystem::path weights_;  ///< where runs start; empty: random weights
  Watcher watcher_;
};

}  // namespace fer::test
