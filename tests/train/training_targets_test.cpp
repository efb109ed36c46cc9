#include <gmock/gmock.h>

#include <cmath>

#include "fer/core/error.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/predictor.hpp"
#include "train/trainer_fixture.hpp"

namespace fer::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// The mean over the training part of -sum of target · log softmax(logits / temperature).
double cross_entropy(LogitPredictor& student, LogitPredictor* teacher, double temperature) {
  const TrainingData& data = striped_data();
  const auto softened = [&](LogitPredictor& predictor, const cv::Mat& crop) {
    std::vector<float> row = predictor.logits({&crop, 1}).front();
    for (float& logit : row) logit /= static_cast<float>(temperature);
    return softmax(row);
  };
  double sum = 0;
  const std::vector<std::size_t> samples = indices_of(data.parts, Part::train);
  for (const std::size_t i : samples) {
    const auto p = softened(student, data.faces.crops[i]);
    std::vector<float> target(p.size());
    target[static_cast<std::size_t>(data.faces.dataset.samples[i].label)] = 1;
    if (teacher != nullptr) target = softened(*teacher, data.faces.crops[i]);
    for (std::size_t c = 0; c < p.size(); ++c) sum -= target[c] * std::log(p[c]);
  }
  return sum / static_cast<double>(samples.size());
}

TEST_F(TrainerTest, TeachersAnswersHaveTheirShareOfTheLoss) {
  run(striped_experiment({{.lr = 2e-3}}, 2), "teacher");
  weights_ = start_file_;
  Experiment experiment = striped_experiment({{.trainable = "head", .lr = 1e-30}}, 1);  // nothing learns
  experiment.model.dropout = 0;
  experiment.train.distill = {
      .teachers = {folder_ / "teacher/best.safetensors"}, .weight = 0.25, .temperature = 3};
  watcher_ = {};
  const TrainingResult result = run(experiment, "student");
  const auto teacher = load_predictor(folder_ / "teacher/best.safetensors", {.device = "cpu"});
  const auto student = load_predictor(folder_ / "student/best.safetensors", {.device = "cpu"});
  const double labels = cross_entropy(*student, nullptr, 1);
  const double taught = 9 * cross_entropy(*student, teacher.get(), 3);
  EXPECT_NEAR(result.epochs[0].train_loss, 0.75 * labels + 0.25 * taught, 1e-3);
}

TEST_F(TrainerTest, AStudentThatGoesOnEndsAsIfItHadNotStopped) {
  run(striped_experiment({{.lr = 2e-3}}, 1), "teacher");
  Experiment experiment = striped_experiment({{.epochs = 1, .lr = 2e-3, .size = 24}, {.lr = 1e-3}}, 2);
  experiment.train.distill.teachers = {folder_ / "teacher/best.safetensors"};
  watcher_ = {};
  run(experiment, "whole");
  watcher_ = {};
  run(experiment, "parts", [&] { return watcher_.batches == 3; });
  watcher_ = {};
  watcher_.batches_before = 3;
  resume(experiment, "parts");
  EXPECT_EQ(bytes("parts/last"), bytes("whole/last"));
}

/// Every image is 3 parts its own class and 1 part the next one.
TrainingData make_soft_data() {
  TrainingData made = make_striped_data();
  for (Sample& sample : made.faces.dataset.samples) {
    sample.shares.assign(7, 0);
    sample.shares[static_cast<std::size_t>(sample.label)] = 0.75F;
    sample.shares[static_cast<std::size_t>((sample.label + 1) % 7)] = 0.25F;
  }
  return made;
}

TEST_F(TrainerTest, SoftLabelsAreWhatItAimsAt) {
  weights_ = start_file_;
  const TrainingPlan plan{.weights = weights_, .device = "cpu", .resume = false};
  const TrainingData soft = make_soft_data();
  Experiment experiment = striped_experiment({{.trainable = "head", .lr = 1e-30}}, 1);
  experiment.model.dropout = 0;
  experiment.train.calibration = "none";
  // Nothing learns, so that the epoch's loss is that of the kept weights' probabilities against the shares.
  fs::create_directories(folder_ / "soft");
  const TrainingResult result = train(experiment, plan, soft, folder_ / "soft", watcher_, {});
  const auto predictor = load_predictor(folder_ / "soft/best.safetensors", {.device = "cpu"});
  double of_shares = 0;
  double of_labels = 0;
  const std::vector<std::size_t> samples = indices_of(soft.parts, Part::train);
  for (const std::size_t i : samples) {
    const auto p = predictor->predict({&soft.faces.crops[i], 1}).front();
    const Sample& sample = soft.faces.dataset.samples[i];
    for (std::size_t c = 0; c < p.size(); ++c) of_shares -= sample.shares[c] * std::log(p[c]);
    of_labels -= std::log(p[static_cast<std::size_t>(sample.label)]);
  }
  const auto count = static_cast<double>(samples.size());
  EXPECT_NEAR(result.epochs[0].train_loss, of_shares / count, 1e-4);
  EXPECT_GT(std::abs(of_shares - of_labels) / count, 1e-3);  // which would not be met
  EXPECT_THAT(checkpoint("soft/best").info.class_prior,
              testing::Pointwise(testing::DoubleNear(1e-6), std::vector<double>(7, 1.0 / 7)));
}

TEST_F(TrainerTest, LearnsTheSharesOfSoftLabels) {
  weights_ = start_file_;
  const TrainingPlan plan{.weights = weights_, .device = "cpu", .resume = false};
  const TrainingData soft = make_soft_data();
  Experiment experiment = striped_experiment({{.trainable = "head", .lr = 2e-2, .views = 1}}, 30);
  experiment.model.dropout = 0;
  experiment.train.calibration = "none";
  const TrainingResult result = train(experiment, plan, soft, folder_, watcher_, {});
  EXPECT_GT(watcher_.stages[0].cached_bytes, 0U);  // the labels of cached activations are soft, too
  const PartEvaluation& val = result.evaluations[0];
  EXPECT_GT(val.evaluation.metrics.accuracy, 0.6);  // against the hard label; chance is 0.14
  double own = 0;
  double next = 0;
  for (std::size_t i = 0; i < val.scored.labels.size(); ++i) {
    const auto label = static_cast<std::size_t>(val.scored.labels[i]);
    own += val.scored.probabilities[i][label];
    next += val.scored.probabilities[i][(label + 1) % 7];
  }
  const auto count = static_cast<double>(val.scored.labels.size());
  EXPECT_NEAR(own / count, 0.75, 0.1);
  EXPECT_NEAR(next / count, 0.25, 0.1);
}

TEST_F(TrainerTest, ARunDoesNotGoOnWithOtherShares) {
  Experiment experiment = striped_experiment({{.trainable = "head", .lr = 1e-3}}, 2);
  TrainingData soft = make_soft_data();
  train(experiment, {.weights = {}, .device = "cpu", .resume = false}, soft, folder_, watcher_,
        [&] { return watcher_.batches == 3; });
  soft.faces.dataset.samples[0].shares = {1, 0, 0, 0, 0, 0, 0};
  EXPECT_THAT(
      [&] {
        train(experiment, {.weights = {}, .device = "cpu", .resume = true}, soft, folder_, watcher_, {});
      },
      testing::ThrowsMessage<Error>(HasSubstr("began on other data")));
}

}  // namespace
}  // namespace fer::test
