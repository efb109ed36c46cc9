#include "fer/train/trainer.hpp"

#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>

#include <map>

#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/device.hpp"
#include "fer/model/predictor.hpp"
#include "fer/train/training_state.hpp"
#include "train/trainer_fixture.hpp"

namespace fer::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

TEST_F(TrainerTest, LearnsAndKeepsWhatItReports) {
  const TrainingResult result = run(striped_experiment({{.lr = 2e-3}}, 3));
  ASSERT_EQ(result.epochs.size(), 3U);
  EXPECT_EQ(result.end, TrainingEnd::finished);
  EXPECT_LT(result.epochs[2].train_loss, 0.6 * result.epochs[0].train_loss);
  EXPECT_GT(result.epochs[2].train_accuracy, result.epochs[0].train_accuracy);
  EXPECT_NEAR(result.epochs[2].lr, 2e-5, 1e-12);
  for (const EpochResult& epoch : result.epochs) {
    EXPECT_GT(epoch.images_per_second, 0);
    EXPECT_GT(epoch.seconds, 0);
  }
  EXPECT_EQ(watcher_.batches, 21U);
  EXPECT_THAT(watcher_.epochs, testing::ElementsAre(1, 2, 3));
  EXPECT_EQ(watcher_.best, result.best_epoch);
  const std::size_t validated = result.evaluations.front().scored.labels.size();
  EXPECT_EQ(watcher_.validated, std::pair(validated, validated));
  EXPECT_EQ(watcher_.steps["evaluating the best epoch, val"], std::pair(validated, validated));
  EXPECT_EQ(watcher_.steps["resampling"], std::pair(std::size_t{2000}, std::size_t{2000}));

  const CheckpointInfo best = checkpoint("run/best").info;
  EXPECT_EQ(best.epoch, result.best_epoch);
  EXPECT_EQ(best.calibration, result.calibration);
  EXPECT_EQ(best.calibration.method, CalibrationMethod::temperature);
  EXPECT_EQ(best.classes, ClassList());
  EXPECT_EQ(best.preprocessing, striped_data().preprocessing);
  EXPECT_THAT(best.class_prior, testing::Pointwise(testing::DoubleEq(), std::vector<double>(7, 1.0 / 7)));
  EXPECT_THAT(best.trained_on,
              AllOf(HasSubstr("stripes"), HasSubstr("98 images"), HasSubstr("on 28 images")));
  EXPECT_EQ(checkpoint("run/last").info.epoch, 3);
}

TEST_F(TrainerTest, TheClassPriorIsThatOfTheTrainingPart) {
  TrainingData data = make_striped_data();
  for (std::size_t i = 0; i < 7; ++i) data.parts[i] = Part::test;  // of the first class's 14
  const Experiment experiment = striped_experiment({{.trainable = "head", .lr = 1e-2}}, 1);
  train(experiment, {.weights = {}, .device = "cpu", .resume = false}, data, folder_, watcher_, {});
  const std::vector<double> expected = {1.0 / 13, 2.0 / 13, 2.0 / 13, 2.0 / 13, 2.0 / 13, 2.0 / 13, 2.0 / 13};
  EXPECT_THAT(load_checkpoint(folder_ / "best.safetensors").info.class_prior,
              testing::Pointwise(testing::DoubleEq(), expected));
}

TEST_F(TrainerTest, ThePredictorSaysOfTheBestCheckpointWhatTheEvaluationSays) {
  weights_ = start_file_;
  const TrainingResult result = run(striped_experiment({{.trainable = "head", .lr = 1e-2}}, 2));
  const auto predictor = load_predictor(folder_ / "run/best.safetensors", {.device = "cpu"});
  const TrainingData& data = striped_data();
  ASSERT_EQ(result.evaluations.size(), 2U);
  for (const Part part : {Part::val, Part::test}) {
    const auto& [name, scored, evaluation] = result.evaluations[part == Part::val ? 0 : 1];
    const auto samples = indices_of(data.parts, part);
    EXPECT_EQ(name, part_name(part));
    ASSERT_EQ(scored.probabilities.size(), samples.size());
    EXPECT_EQ(evaluation.metrics.samples, std::ssize(samples));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      EXPECT_EQ(scored.paths[i], data.faces.dataset.samples[samples[i]].path);
      EXPECT_EQ(scored.labels[i], data.faces.dataset.samples[samples[i]].label);
      const auto row = predictor->predict({&data.faces.crops[samples[i]], 1}).front();
      EXPECT_THAT(row, testing::Pointwise(testing::FloatNear(1e-4F), scored.probabilities[i]));
    }
    const auto even = std::ranges::find(evaluation.groups, "even", &GroupMetrics::value);
    ASSERT_NE(even, evaluation.groups.end());
    EXPECT_EQ(even->attribute, "light");
    EXPECT_EQ(even->metrics.samples * 2, std::ssize(samples));
  }
  EXPECT_GT(result.evaluations[0].evaluation.metrics.accuracy, 0.5);
  const auto best = static_cast<std::size_t>(result.best_epoch) - 1;
  EXPECT_DOUBLE_EQ(result.evaluations[0].evaluation.metrics.accuracy, result.epochs[best].val_accuracy);
}

TEST_F(TrainerTest, CalibratesAsItIsTold) {
  weights_ = start_file_;
  Experiment experiment = striped_experiment({{.trainable = "head", .lr = 1e-3}}, 1);
  std::map<std::string, TrainingResult> results;
  for (const std::string method : {"none", "temperature", "vector"}) {
    experiment.train.calibration = method;
    const TrainingResult result = run(experiment, method);
    EXPECT_EQ(name_of(result.calibration.method), method);
    EXPECT_EQ(checkpoint(method + "/best").info.calibration, result.calibration);
    results.emplace(method, result);
    watcher_ = {};
  }
  const auto nll = [&](const std::string& method) {
    return results[method].evaluations[0].evaluation.metrics.nll;
  };
  EXPECT_LE(nll("vector"), nll("temperature"));
  EXPECT_LT(nll("temperature"), nll("none"));
  const PartEvaluation& vector = results["vector"].evaluations[0];
  EXPECT_EQ(vector.scored.uncalibrated, results["none"].evaluations[0].scored.probabilities);
  EXPECT_EQ(vector.evaluation.uncalibrated->metrics.nll, nll("none"));
  const auto predictor = load_predictor(folder_ / "vector/best.safetensors", {.device = "cpu"});
  const auto val = indices_of(striped_data().parts, Part::val);
  for (std::size_t i = 0; i < val.size(); ++i) {
    const auto row = predictor->predict({&striped_data().faces.crops[val[i]], 1}).front();
    EXPECT_THAT(row, testing::Pointwise(testing::FloatNear(1e-4F), vector.scored.probabilities[i]));
  }
}

TEST_F(TrainerTest, TheSameExperimentGivesTheSameBytesWithAnyNumberOfWorkers) {
  Experiment experiment =
      striped_experiment({{.trainable = "head", .epochs = 1, .lr = 1e-2}, {.lr = 1e-3}}, 2);
  experiment.augment = {};
  run(experiment, "first");
  experiment.data.workers = 2;
  watcher_ = {};
  run(experiment, "second");
  const std::string first = read_file(folder_ / "first/last.safetensors");
  EXPECT_TRUE(first == read_file(folder_ / "second/last.safetensors"));
  experiment.experiment.seed += 1;
  watcher_ = {};
  run(experiment, "third");
  EXPECT_FALSE(first == read_file(folder_ / "third/last.safetensors"));
}

TEST_F(TrainerTest, SgdLearns) {
  weights_ = start_file_;
  Experiment experiment = striped_experiment({{.trainable = "head", .lr = 0.01}}, 2);
  experiment.train.optimizer.name = "sgd";
  experiment.train.schedule.name = "constant";
  const TrainingResult result = run(experiment);
  EXPECT_LT(result.epochs[1].train_loss, 0.6 * result.epochs[0].train_loss);
  EXPECT_DOUBLE_EQ(result.epochs[1].lr, 0.01);
}

TEST_F(TrainerTest, WeightsThatDoNotFitAreADataErrorThatNamesTheFile) {
  weights_ = folder_ / "other.safetensors";
  write_safetensors(weights_, {.tensors = {{"classifier.1.bias", at::zeros({3})}}, .metadata = {}});
  try {
    run(striped_experiment({{}}, 1));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_THAT(error.what(), AllOf(testing::StartsWith(weights_.string() + ": "),
                                    HasSubstr("features.0.0.weight is missing")));
  }
}

TEST_F(TrainerTest, AccumulatedBatchesMakeTheStepOfOneLargeBatch) {
  weights_ = start_file_;
  Experiment experiment = striped_experiment({{.trainable = "head", .lr = 1e-2}}, 2);
  experiment.model.dropout = 0;
  experiment.train.optimizer.name = "sgd";
  experiment.train.batch_size = 28;
  const auto head_after = [&](const std::string& name, int batch_size, int accumulate) {
    experiment.train.batch_size = batch_size;
    experiment.train.optimizer.accumulate = accumulate;
    watcher_ = {};
    run(experiment, name);
    return checkpoint(name + "/last").weights.at("classifier.1.weight");
  };
  const at::Tensor large = head_after("large", 28, 1);
  EXPECT_TRUE(at::allclose(head_after("accumulated", 14, 2), large, 1e-3, 1e-5));
  EXPECT_FALSE(at::allclose(head_after("small", 14, 1), large, 1e-3, 1e-5));
}

TEST_F(TrainerTest, TheAverageIsWhatIsValidatedAndKept) {
  weights_ = start_file_;
  Experiment experiment = striped_experiment({{.trainable = "head", .lr = 1e-2}}, 2);
  run(experiment, "plain");
  experiment.train.ema = 0.999;
  watcher_ = {};
  const TrainingResult averaged = run(experiment, "averaged");
  const TrainingState state = load_training_state(folder_ / "averaged/state.safetensors");
  const auto head = [](const TensorMap& weights) { return weights.at("classifier.1.weight"); };
  EXPECT_TRUE(at::equal(head(state.weights), head(checkpoint("plain/last").weights)));
  EXPECT_TRUE(at::equal(head(state.average), head(checkpoint("averaged/last").weights)));
  EXPECT_FALSE(at::allclose(head(state.average), head(state.weights), 1e-3, 1e-4));
  const auto predictor = load_predictor(folder_ / "averaged/best.safetensors", {.device = "cpu"});
  const auto first = indices_of(striped_data().parts, Part::val)[0];
  EXPECT_THAT(predictor->predict({&striped_data().faces.crops[first], 1})[0],
              testing::Pointwise(testing::FloatNear(1e-5F), averaged.evaluations[0].scored.probabilities[0]));
}

TEST_F(TrainerTest, Bf16LearnsToo) {
  weights_ = start_file_;
  Experiment experiment = striped_experiment({{.lr = 1e-3}}, 2);
  experiment.train.precision = "bf16";
  const TrainingResult result = run(experiment);
  EXPECT_LT(result.epochs[1].train_loss, 0.9 * result.epochs[0].train_loss);
  for (const auto& [name, tensor] : checkpoint("run/last").weights) {
    EXPECT_TRUE(tensor.scalar_type() == at::kFloat || tensor.scalar_type() == at::kLong) << name;
  }
}

TEST_F(TrainerTest, LearnsOnAGpuAsOnTheCpuAndGoesOnThere) {
  if (!select_device("auto").is_cuda()) GTEST_SKIP() << "this machine has no CUDA device";
  weights_ = start_file_;
  Experiment experiment = striped_experiment({{.trainable = "head", .lr = 1e-2, .views = 2}}, 3);
  experiment.model.dropout = 0;  // each device draws its own
  experiment.train.ema = 0.9;
  const TrainingResult on_cpu = run(experiment, "cpu");
  experiment.train.device = "cuda";
  watcher_ = {};
  const TrainingResult on_gpu = run(experiment, "gpu");
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(on_gpu.epochs[i].train_loss, on_cpu.epochs[i].train_loss, 2e-2);
    EXPECT_NEAR(on_gpu.epochs[i].val_loss, on_cpu.epochs[i].val_loss, 2e-2);
  }
  EXPECT_TRUE(checkpoint("gpu/best").weights.begin()->second.is_cpu());

  watcher_ = {};
  ASSERT_EQ(run(experiment, "stopped", [&] { return watcher_.batches >= 9; }).end, TrainingEnd::stopped);
  const std::size_t before = watcher_.batches;
  watcher_ = {};
  watcher_.batches_before = before;
  const TrainingResult resumed = resume(experiment, "stopped");
  EXPECT_EQ(resumed.end, TrainingEnd::finished);
  EXPECT_NEAR(resumed.epochs[2].train_loss, on_gpu.epochs[2].train_loss, 2e-2);
}

TEST_F(TrainerTest, SeveralOfTheBestAreKept) {
  Experiment experiment = striped_experiment({{.lr = 1e-3}}, 4);
  experiment.train.keep_best = 2;
  const TrainingResult result = run(experiment);
  std::vector<std::pair<double, int>> ranked;
  for (const EpochResult& epoch : result.epochs) ranked.emplace_back(-epoch.val_accuracy, epoch.epoch);
  std::vector<std::int64_t> kept;
  for (const auto& entry : fs::directory_iterator(folder_ / "run")) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("epoch-")) kept.push_back(load_checkpoint(entry.path()).info.epoch);
  }
  EXPECT_EQ(kept.size(), 2U);
  EXPECT_THAT(kept, testing::Contains(result.best_epoch));
}

}  // namespace
}  // namespace fer::test
