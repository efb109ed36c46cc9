#include <gmock/gmock.h>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/predictor.hpp"
#include "fer/train/training_state.hpp"
#include "train/trainer_fixture.hpp"

namespace fer::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

TEST_F(TrainerTest, StopsAfterTheBatchAndLeavesTheLastEpoch) {
  const TrainingResult result =
      run(striped_experiment({{.lr = 1e-3}}, 5), "run", [&] { return watcher_.batches == 10; });
  EXPECT_EQ(result.end, TrainingEnd::stopped);
  EXPECT_EQ(watcher_.batches, 10U);
  EXPECT_EQ(result.epochs.size(), 1U);
  EXPECT_EQ(result.best_epoch, 1);
  EXPECT_EQ(result.evaluations.size(), 2U);
  EXPECT_EQ(load_predictor(folder_ / "run/last.safetensors", {.device = "cpu"})
                ->predict(striped_data().faces.crops)
                .size(),
            striped_data().faces.crops.size());
}

TEST_F(TrainerTest, StoppedInTheFirstEpochItHasNothingToShow) {
  const TrainingResult result =
      run(striped_experiment({{.epochs = 1}, {}}, 5), "run", [&] { return watcher_.batches == 2; });
  EXPECT_EQ(result.end, TrainingEnd::stopped);
  EXPECT_EQ(result.best_epoch, 0);
  EXPECT_TRUE(result.epochs.empty() && result.evaluations.empty());
  EXPECT_FALSE(fs::exists(folder_ / "run/best.safetensors"));
}

/// With a frozen backbone and a vanishing learning rate every epoch's validation loss is the same.
TEST_F(TrainerTest, EarlyStoppingEndsAStageAndWithTheLastTheTraining) {
  Experiment experiment = striped_experiment(
      {{.trainable = "head", .epochs = 5, .lr = 1e-30}, {.trainable = "head", .lr = 1e-30}}, 9);
  experiment.train.early_stopping = {.monitor = "val_loss", .patience = 2};
  const TrainingResult result = run(experiment);
  EXPECT_EQ(result.end, TrainingEnd::early_stopped);
  std::vector<int> stages;
  for (const EpochResult& epoch : result.epochs) stages.push_back(epoch.stage);
  EXPECT_THAT(stages, testing::ElementsAre(1, 1, 1, 2, 2, 2));
  EXPECT_EQ(result.best_epoch, 1);
  EXPECT_EQ(result.epochs[0].val_loss, result.epochs[5].val_loss);
}

/// With one batch an epoch the loss is still that of good weights, but what they have become is not.
TEST_F(TrainerTest, DivergingIsAFailureThatNamesTheEpochAndTheLastGoodOne) {
  for (const int batch_size : {14, 98}) {
    Experiment experiment =
        striped_experiment({{.trainable = "head", .epochs = 1, .lr = 1e-3}, {.lr = 1e30}}, 2);
    experiment.train.optimizer.name = "sgd";
    experiment.train.batch_size = batch_size;
    watcher_ = {};
    try {
      run(experiment);
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::failure) << error.what();
      EXPECT_THAT(error.what(), AllOf(HasSubstr("epoch 2"), HasSubstr("train.stages.1.lr"),
                                      HasSubstr("last.safetensors is from epoch 1")));
    }
    EXPECT_EQ(checkpoint("run/last").info.epoch, 1);
  }
}

/// Everything that has a state at once.
Experiment stateful_experiment() {
  Experiment experiment =
      striped_experiment({{.trainable = "head", .epochs = 2, .lr = 1e-2, .views = 2},
                          {.trainable = "last_blocks", .blocks = 2, .epochs = 1, .lr = 1e-3},
                          {.lr = 1e-3, .layer_decay = 0.8}},
                         5);
  experiment.augment = {};
  experiment.train.ema = 0.9;
  experiment.train.mix.mixup = 0.2;
  experiment.train.optimizer.accumulate = 2;
  experiment.train.optimizer.clip_norm = 1;
  experiment.train.schedule = {.name = "one_cycle", .warmup = 0.5};
  experiment.train.balance = {"label"};
  experiment.train.calibration = "vector";
  return experiment;
}

/// Seven batches an epoch in four steps: stopping is possible before each step.
TEST_F(TrainerTest, StoppedAnywhereAndResumedItEndsWithTheSameBytes) {
  const Experiment experiment = stateful_experiment();
  run(experiment, "steady");
  for (const std::size_t at : {1, 6, 7, 9, 14, 16, 23, 34}) {
    watcher_ = {};
    ASSERT_EQ(run(experiment, "stopped", [&] { return watcher_.batches >= at; }).end, TrainingEnd::stopped);
    const std::size_t before = watcher_.batches;
    watcher_ = {};
    watcher_.batches_before = before;
    EXPECT_EQ(resume(experiment, "stopped").end, TrainingEnd::finished);
    EXPECT_TRUE(bytes("stopped/last") == bytes("steady/last")) << at;
    EXPECT_TRUE(bytes("stopped/best") == bytes("steady/best")) << at;
    fs::remove_all(folder_ / "stopped");
  }
}

TEST_F(TrainerTest, AFinishedRunThatIsResumedTellsItsResultsAgain) {
  const Experiment experiment = striped_experiment({{.lr = 1e-3}}, 2);
  const TrainingResult first = run(experiment);
  watcher_ = {};
  const TrainingResult again = resume(experiment, "run");
  EXPECT_EQ(watcher_.batches, 0U);
  EXPECT_EQ(again.end, TrainingEnd::finished);
  EXPECT_EQ(again.best_epoch, first.best_epoch);
  ASSERT_EQ(again.evaluations.size(), 2U);
  EXPECT_EQ(again.evaluations[1].scored.probabilities, first.evaluations[1].scored.probabilities);
}

TEST_F(TrainerTest, AStateThatIsNoneOrOfOtherDataIsADataError) {
  const Experiment experiment = striped_experiment({{.lr = 1e-3}}, 2);
  const auto error = [&] {
    try {
      resume(experiment, "run");
      return std::string("no error");
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::data);
      return std::string(e.what());
    }
  };
  run(experiment);
  const fs::path state = folder_ / "run/state.safetensors";
  TensorFile file = read_safetensors(state);
  const auto replace = [&](const std::string& what, const std::string& with) {
    std::string& progress = file.metadata.at("progress");
    progress.replace(progress.find(what), what.size(), with);
    write_safetensors(state, file);
  };
  replace("\"data\":\"", "\"data\":\"0");
  EXPECT_THAT(error(), HasSubstr("state.safetensors: began on other data"));
  replace("\"batch\":", "\"watch\":");
  EXPECT_THAT(error(), HasSubstr("state.safetensors: is not the saved state of a training"));
  fs::copy_file(folder_ / "run/last.safetensors", state, fs::copy_options::overwrite_existing);
  EXPECT_THAT(error(), HasSubstr("is not the saved state of a training"));
  write_file(state, read_file(folder_ / "run/last.safetensors").substr(0, 5000));
  EXPECT_THAT(error(), HasSubstr("state.safetensors: "));
}

TEST_F(TrainerTest, TimeThatIsUpEndsTheRunWithWhatItHas) {
  Experiment experiment = striped_experiment({{.lr = 1e-3}}, 100000);
  experiment.train.max_time = "1s";
  const TrainingResult result = run(experiment);
  EXPECT_EQ(result.end, TrainingEnd::out_of_time);
  ASSERT_GT(result.epochs.size(), 0U);
  EXPECT_EQ(result.evaluations.size(), 2U);
  EXPECT_EQ(checkpoint("run/last").info.epoch, std::ssize(result.epochs));
  double seconds = 0;
  for (const EpochResult& epoch : result.epochs) seconds += epoch.seconds;
  EXPECT_LT(seconds, 30);
  EXPECT_TRUE(load_training_state(folder_ / "run/state.safetensors").progress.finished);
}

/// Time that is up before the first batch, as filling the cache may take longer.
TEST_F(TrainerTest, HoweverShortTheTimeThereIsAnEpochToShow) {
  Experiment experiment = striped_experiment({{.trainable = "head", .lr = 1e-3, .views = 2}}, 5);
  experiment.train.max_time = "0.000001s";
  const TrainingResult result = run(experiment);
  EXPECT_EQ(result.end, TrainingEnd::out_of_time);
  EXPECT_EQ(result.epochs.size(), 1U);
  EXPECT_EQ(result.evaluations.size(), 2U);
}

/// A learning rate that blows up is halved until it no longer does, or until enough is enough.
TEST_F(TrainerTest, RollsBackAtHalfTheRate) {
  weights_ = start_file_;
  Experiment experiment =
      striped_experiment({{.trainable = "head", .epochs = 1, .lr = 1e-3}, {.lr = 1e30}}, 2);
  experiment.train.optimizer.name = "sgd";
  experiment.train.on_divergence = "rollback";
  EXPECT_THAT([&] { run(experiment); }, testing::ThrowsMessage<Error>(HasSubstr("lower the learning rate")));
  EXPECT_THAT(watcher_.scales, testing::ElementsAre(0.5, 0.25, 0.125, 0.0625, 0.03125));
}

TEST_F(TrainerTest, ADivergingBatchIsNamed) {
  Experiment experiment = striped_experiment({{.lr = 1e30}}, 1);
  experiment.train.optimizer.name = "sgd";
  try {
    run(experiment);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("its loss is no longer finite at the batch of "),
                                    HasSubstr(".png"), HasSubstr("diverged.csv)")));
    EXPECT_EQ(parse_csv(read_file(folder_ / "run/diverged.csv"), "").size(), 15U);
  }
}

}  // namespace
}  // namespace fer::test
