#include "fer/train/trainer.hpp"

#include <ATen/core/Tensor.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/utils.h>

#include <cmath>
#include <cstdlib>
#include <map>

#include "fer/core/csv.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/random.hpp"
#include "fer/model/backbones.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/classifier.hpp"
#include "fer/model/device.hpp"
#include "fer/model/image_tensor.hpp"
#include "fer/model/predictor.hpp"
#include "fer/train/training_state.hpp"
#include "train/no_augmentation.hpp"
#include "train/temp_folder.hpp"

namespace fer::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr int kSide = 32;
constexpr int kPerClass = 20;

/// A colour and stripes of the class's own, under light and noise that differ from crop to crop.
cv::Mat striped_crop(int label, std::uint64_t index) {
  Rng rng = Rng::of(1, static_cast<std::uint64_t>(label), index);
  const double light = rng.uniform(0.7, 1.1);
  cv::Mat crop(kSide, kSide, CV_8UC3);
  crop.forEach<cv::Vec3b>([&](cv::Vec3b& pixel, const int* at) {
    const double stripe = (at[0] * label / 8) % 2 == 0 ? 1 : 0.6;
    for (int c = 0; c < 3; ++c) {
      const double level = 60 + 25 * ((label + 1) * (c + 2) % 7);
      const double noise = 10 * static_cast<double>((at[0] * 7 + at[1] * 13 + c * 5) % 5);
      pixel[c] = cv::saturate_cast<std::uint8_t>(light * stripe * level + noise);
    }
  });
  return crop;
}

/// 7 classes of 20 crops: 14 to learn from, 4 for validation, 2 for the test.
TrainingData make_striped_data() {
  TrainingData made;
  made.preprocessing = {.detector = "none", .size = kSide};
  for (int label = 0; label < made.faces.dataset.classes.size(); ++label) {
    for (int i = 0; i < kPerClass; ++i) {
      Sample& sample = made.faces.dataset.samples.emplace_back();
      sample.path = fmt::format("{}-{}.png", label, i);
      sample.label = label;
      sample.attributes = {{"light", i % 2 == 0 ? "even" : "odd"}};
      made.faces.crops.push_back(striped_crop(label, static_cast<std::uint64_t>(i)));
      made.faces.faces.emplace_back();
      made.faces.digests.push_back(fmt::format("{}-{}", label, i));
      made.parts.push_back(i < 14 ? Part::train : i < 18 ? Part::val : Part::test);
    }
  }
  return made;
}

const TrainingData& striped_data() {
  static const TrainingData data = make_striped_data();
  return data;
}

Experiment striped_experiment(std::vector<StageConfig> stages, int epochs) {
  Experiment experiment;
  experiment.experiment.name = "stripes";
  experiment.data.workers = 0;
  experiment.input.size = kSide;
  experiment.augment = no_augmentation();
  experiment.train.epochs = epochs;
  experiment.train.batch_size = 14;
  experiment.train.stages = std::move(stages);
  experiment.train.device = "cpu";
  return experiment;
}

/// Weights of a 3-class network that never learned, but whose BatchNorm statistics are those of the crops, so
/// that already a head on its features tells the classes apart.
TensorMap starting_weights() {
  torch::manual_seed(7);
  const auto classifier = make_classifier({.classes = 3});
  for (const auto& module : classifier->modules()) {
    if (auto* norm = module->as<torch::nn::BatchNorm2d>()) norm->options.momentum(std::nullopt);
  }
  std::vector<std::uint8_t> pixels;
  for (const cv::Mat& crop : striped_data().faces.crops)
    pixels.insert(pixels.end(), crop.datastart, crop.dataend);
  classifier->forward(to_tensor(pixels, striped_data().preprocessing));
  return weights_of(*classifier);
}

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
    start_file_ = fs::temp_directory_path() / fmt::format("fer-start-{}.safetensors", ::getpid());
    write_safetensors(start_file_, {.tensors = start_, .metadata = {}});
  }
  static void TearDownTestSuite() {
    fs::remove(start_file_);
    start_.clear();
  }

  TrainingResult run(const Experiment& experiment, const std::string& name = "run", const StopFn& stop = {}) {
    fs::create_directories(folder_ / name);
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
  inline static fs::path start_file_;
  fs::path weights_;  ///< where runs start; empty: random weights
  Watcher watcher_;
};

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

TEST_F(TrainerTest, AStagesSizeIsThatOfWhatItLearnsFrom) {
  weights_ = start_file_;
  const auto train_loss = [&](int size) {
    watcher_ = {};
    Experiment experiment = striped_experiment({{.trainable = "head", .lr = 1e-30, .size = size}}, 1);
    experiment.model.dropout = 0;
    return run(experiment, fmt::format("size-{}", size)).epochs[0];
  };
  const EpochResult whole = train_loss(0);
  const EpochResult small = train_loss(16);
  EXPECT_EQ(train_loss(kSide).train_loss, whole.train_loss);
  EXPECT_GT(std::abs(small.train_loss - whole.train_loss), 1e-3);
  EXPECT_EQ(small.val_loss, whole.val_loss);  // at the full size always
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

TEST_F(TrainerTest, AVisionTransformerStartsFromWeightsForAnotherSize) {
  const auto published = make_classifier({.backbone = "vit_tiny_patch16", .input_size = 64});
  weights_ = folder_ / "vit.safetensors";
  write_safetensors(weights_, {.tensors = weights_of(*published), .metadata = {}});
  Experiment experiment = striped_experiment(
      {{.trainable = "last_blocks", .blocks = 2, .lr = 1e-3, .layer_decay = 0.5, .views = 1}}, 2);
  experiment.model.backbone = "vit_tiny_patch16";
  const TrainingResult result = run(experiment);
  EXPECT_EQ(watcher_.fitted, "position embeddings from 4x4 to 2x2");
  EXPECT_GT(watcher_.stages.front().cached_bytes, 0U);
  EXPECT_LT(result.epochs[1].train_loss, result.epochs[0].train_loss);
  const auto predictor = load_predictor(folder_ / "run/best.safetensors", {.device = "cpu"});
  EXPECT_EQ(predictor->facts().preprocessing.size, kSide);
  const auto& scored = result.evaluations.front().scored;
  const std::size_t sample = indices_of(striped_data().parts, Part::val).front();
  EXPECT_THAT(predictor->predict({&striped_data().faces.crops[sample], 1}).front(),
              testing::Pointwise(testing::FloatNear(1e-4F), scored.probabilities.front()));
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

TEST_F(TrainerTest, TheHeadStageLearnsAndLeavesTheBackboneAsItStarted) {
  weights_ = start_file_;
  const TrainingResult result = run(striped_experiment({{.trainable = "head", .lr = 1e-2}}, 2));
  EXPECT_LT(result.epochs[1].train_loss, 0.6 * result.epochs[0].train_loss);
  const TensorMap weights = checkpoint("run/last").weights;
  EXPECT_EQ(weights.size(), start_.size());
  for (const auto& [name, tensor] : weights) {
    const bool head = name.starts_with("classifier.");
    EXPECT_TRUE(head || at::equal(tensor, start_.at(name))) << name;
  }
  EXPECT_EQ(weights.at("classifier.1.bias").numel(), 7);
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

/// What does not learn is computed once or every epoch, by the memory there is: the result is the same.
TEST_F(TrainerTest, CachedActivationsGiveWhatComputingThemGives) {
  weights_ = start_file_;
  for (const StageConfig& stage :
       {StageConfig{.trainable = "head", .lr = 1e-2, .views = 2},
        StageConfig{.trainable = "last_blocks", .blocks = 3, .lr = 1e-3, .views = 3}}) {
    Experiment experiment = striped_experiment({stage}, 4);
    experiment.augment = {};
    watcher_ = {};
    const TrainingResult cached = run(experiment, "cached");
    EXPECT_GT(watcher_.stages.at(0).cached_bytes, 0U);
    experiment.train.activation_cache_gb = 1e-6;
    watcher_ = {};
    const TrainingResult computed = run(experiment, "computed");
    EXPECT_EQ(watcher_.stages.at(0).cached_bytes, 0U);
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(cached.epochs[i].train_loss, computed.epochs[i].train_loss, 1e-4) << stage.trainable << i;
      EXPECT_NEAR(cached.epochs[i].val_loss, computed.epochs[i].val_loss, 1e-4) << stage.trainable << i;
    }
    const TensorMap one = checkpoint("cached/last").weights;
    for (const auto& [name, tensor] : checkpoint("computed/last").weights) {
      EXPECT_TRUE(at::allclose(tensor.to(at::kDouble), one.at(name).to(at::kDouble), 1e-3, 1e-4)) << name;
    }
    fs::remove_all(folder_ / "cached");
    fs::remove_all(folder_ / "computed");
  }
}

TEST_F(TrainerTest, MixingNeedsImagesSoNothingIsCached) {
  Experiment experiment = striped_experiment({{.trainable = "head", .lr = 1e-2, .views = 2}}, 1);
  experiment.train.mix.cutmix = 1;
  run(experiment);
  EXPECT_EQ(watcher_.stages.at(0).cached_bytes, 0U);
}

TEST_F(TrainerTest, TheLastBlocksLearnAlone) {
  weights_ = start_file_;
  run(striped_experiment({{.trainable = "last_blocks", .blocks = 2, .lr = 1e-2}}, 1));
  EXPECT_EQ(watcher_.stages.at(0).trainable, "head and the last 2 blocks");
  for (const auto& [name, tensor] : checkpoint("run/last").weights) {
    if (name.starts_with("classifier.")) continue;
    const bool learns = name.starts_with("features.17.") || name.starts_with("features.18.");
    EXPECT_EQ(at::equal(tensor, start_.at(name)), !learns) << name;
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

/// No model file is found anywhere but in the test's own folder.
class PlanTraining : public TempFolderTest {
 protected:
  PlanTraining() {
    for (const char* name : {"FER_MODELS", "XDG_CACHE_HOME"}) {
      if (const char* value = std::getenv(name)) before_[name] = value;
    }
    ::setenv("FER_MODELS", (folder_ / "a").c_str(), 1);
    ::setenv("XDG_CACHE_HOME", (folder_ / "b").c_str(), 1);
    experiment_.train.device = "cpu";
  }
  ~PlanTraining() override {
    for (const char* name : {"FER_MODELS", "XDG_CACHE_HOME"}) {
      before_.contains(name) ? ::setenv(name, before_[name].c_str(), 1) : ::unsetenv(name);
    }
  }

  fs::path weights_of_plan(const std::string& weights) {
    experiment_.model.weights = weights;
    return plan_training(experiment_, folder_).weights;
  }

  std::string error_of(ErrorKind kind) const {
    try {
      plan_training(experiment_, folder_);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      return error.what();
    }
    return "no error";
  }

  Experiment experiment_;
  std::map<std::string, std::string> before_;
};

TEST_F(PlanTraining, FindsTheWeightsTheExperimentNames) {
  EXPECT_EQ(weights_of_plan("none"), "");
  EXPECT_EQ(weights_of_plan("auto"), "");
  const fs::path file = folder_ / "mobilenet_v2-imagenet.safetensors";
  write_file(file, "x");
  EXPECT_EQ(weights_of_plan("none"), "");
  for (const std::string& weights : {std::string("auto"), std::string("imagenet"), file.string()})
    EXPECT_EQ(weights_of_plan(weights), file);
  EXPECT_THAT(plan_training(experiment_, folder_).device, HasSubstr("cpu"));
}

TEST_F(PlanTraining, SaysHowToGetWhatIsMissing) {
  experiment_.model.weights = "imagenet";
  EXPECT_THAT(error_of(ErrorKind::data),
              AllOf(HasSubstr("fer-data fetch mobilenet_v2"), HasSubstr(folder_.string())));
  experiment_.model.weights = (folder_ / "mine.pth").string();
  EXPECT_THAT(error_of(ErrorKind::data), HasSubstr("mine.pth: there is no such file"));
}

TEST_F(PlanTraining, RefusesADeviceThatIsNotThere) {
  experiment_.model.weights = "none";
  experiment_.train.device = "cup";
  EXPECT_THAT(error_of(ErrorKind::usage), HasSubstr("device 'cup'"));
}

}  // namespace
}  // namespace fer::test
