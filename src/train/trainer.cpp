#include "fer/train/trainer.hpp"

#include <torch/nn/functional/loss.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <tuple>

#include "fer/core/error.hpp"
#include "fer/core/model_files.hpp"
#include "fer/eval/calibration.hpp"
#include "fer/model/checkpoint.hpp"
#include "fer/model/device.hpp"
#include "fer/train/schedule.hpp"
#include "learner.hpp"

namespace fer {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Higher is better; equal accuracies and F1s are told apart by the loss.
std::tuple<double, double> merit(const EpochResult& epoch, const std::string& figure) {
  if (figure == "val_loss") return {-epoch.val_loss, 0.0};
  if (figure == "val_accuracy") return {epoch.val_accuracy, -epoch.val_loss};
  if (figure == "val_macro_f1") return {epoch.val_macro_f1, -epoch.val_loss};
  throw usage_error("'{}' is none of val_loss, val_accuracy, val_macro_f1", figure);
}

bool all_finite(const std::vector<std::vector<float>>& rows) {
  return std::ranges::all_of(rows, [](const std::vector<float>& row) {
    return std::ranges::all_of(row, [](float value) { return std::isfinite(value); });
  });
}

/// Mean loss and accuracy over an epoch's batches, summed on the device and read once.
struct RunningFigures {
  at::Tensor loss;
  at::Tensor correct;
  std::int64_t samples = 0;

  void add(const at::Tensor& batch_loss, const at::Tensor& logits, const at::Tensor& labels) {
    const at::Tensor weighted = batch_loss.detach() * labels.size(0);
    const at::Tensor hits = logits.detach().argmax(1).eq(labels).sum();
    loss = samples == 0 ? weighted : loss + weighted;
    correct = samples == 0 ? hits : correct + hits;
    samples += labels.size(0);
  }
};

class Training {
 public:
  Training(const Experiment& experiment, const TrainingData& data, std::filesystem::path folder)
      : experiment_(experiment),
        config_(experiment.train),
        data_(data),
        folder_(std::move(folder)),
        head_(backbone(experiment.model.backbone).head),
        device_(select_device(experiment.train.device)),
        train_(part_crops(data, Part::train)),
        val_(part_crops(data, Part::val)),
        loader_(train_.crops, train_.labels,
                {.batch_size = config_.batch_size,
                 .workers = worker_count(experiment),
                 .shuffle = true,
                 .seed = experiment.experiment.seed,
                 .augment = augment_options_of(experiment)}) {
    torch::manual_seed(experiment.experiment.seed);
    classifier_ = make_classifier({.backbone = experiment.model.backbone,
                                   .classes = data.faces.dataset.classes.size(),
                                   .dropout = experiment.model.dropout});
  }

  void start_from(const std::filesystem::path& weights) {
    if (!weights.empty()) load_backbone_weights(*classifier_, read_weights(weights), head_, weights.string());
    classifier_->to(device_);
  }

  TrainingResult run(TrainingObserver& observer, const StopFn& stop) {
    int left = config_.epochs;
    for (std::size_t stage = 0; stage < config_.stages.size() && result_.end != TrainingEnd::stopped;
         ++stage) {
      const int epochs = config_.stages[stage].epochs > 0 ? config_.stages[stage].epochs : left;
      left -= epochs;
      run_stage(static_cast<int>(stage), epochs, observer, stop);
    }
    if (result_.best_epoch > 0) evaluate_best();
    return std::move(result_);
  }

 private:
  void run_stage(int number, int epochs, TrainingObserver& observer, const StopFn& stop) {
    const StageConfig& stage = config_.stages[static_cast<std::size_t>(number)];
    set_trainable(*classifier_, stage.trainable, head_);
    optimizer_ = make_optimizer(*classifier_, config_.optimizer, stage.lr);
    const auto batches = static_cast<std::int64_t>(loader_.batches_per_epoch());
    std::optional<std::tuple<double, double>> best_of_stage;
    int without_gain = 0;
    result_.end = TrainingEnd::finished;
    for (int i = 0; i < epochs; ++i) {
      const auto started = Clock::now();
      EpochResult epoch{.epoch = static_cast<int>(result_.epochs.size()) + 1, .stage = number + 1};
      const auto rate = [&](std::int64_t batch) {
        return learning_rate(config_.schedule, stage.lr, i * batches + batch, epochs * batches);
      };
      if (!train_epoch(epoch, rate, observer, stop)) {
        result_.end = TrainingEnd::stopped;
        return;
      }
      finish_epoch(epoch, started, observer);
      const auto monitored = merit(epoch, config_.early_stopping.monitor);
      without_gain = best_of_stage && monitored <= *best_of_stage ? without_gain + 1 : 0;
      if (without_gain == 0) best_of_stage = monitored;
      if (config_.early_stopping.patience > 0 && without_gain >= config_.early_stopping.patience) {
        result_.end = TrainingEnd::early_stopped;
        return;
      }
    }
  }

  /// False if it was asked to stop.
  bool train_epoch(EpochResult& epoch, const std::function<double(std::int64_t)>& rate,
                   TrainingObserver& observer, const StopFn& stop) {
    const auto started = Clock::now();
    RunningFigures figures;
    loader_.start_epoch(static_cast<std::size_t>(epoch.epoch));
    for (std::int64_t number = 0; const auto batch = loader_.next(); ++number) {
      if (stop && stop()) return false;
      epoch.lr = rate(number);
      set_learning_rate(*optimizer_, epoch.lr);
      train_batch(*batch, figures);
      observer.on_batch(epoch.epoch, static_cast<std::size_t>(number) + 1, loader_.batches_per_epoch());
    }
    const auto samples = static_cast<double>(figures.samples);
    epoch.train_loss = figures.loss.item<double>() / samples;
    epoch.train_accuracy = figures.correct.item<double>() / samples;
    epoch.images_per_second = samples / seconds_since(started);
    if (!std::isfinite(epoch.train_loss)) throw diverged(epoch);
    return true;
  }

  void train_batch(const Batch& batch, RunningFigures& figures) {
    const auto [images, labels] = tensors_of(batch, data_.preprocessing, device_);
    const at::Tensor logits = classifier_->forward(images);
    const at::Tensor loss = torch::nn::functional::cross_entropy(
        logits, labels,
        torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(config_.label_smoothing));
    optimizer_->zero_grad();
    loss.backward();
    optimizer_->step();
    figures.add(loss, logits, labels);
  }

  Error diverged(const EpochResult& epoch) const {
    std::string kept;
    if (!result_.epochs.empty()) {
      kept = fmt::format("; {} is from epoch {}", (folder_ / "last.safetensors").string(), epoch.epoch - 1);
    }
    return failure(
        "training diverged in epoch {}, its loss or logits are no longer finite: lower the learning "
        "rate (train.stages.{}.lr){}",
        epoch.epoch, epoch.stage - 1, kept);
  }

  void finish_epoch(EpochResult& epoch, Clock::time_point started, TrainingObserver& observer) {
    const auto logits = predict_logits(*classifier_, val_, data_.preprocessing, config_.batch_size);
    if (!all_finite(logits)) throw diverged(epoch);
    const Metrics metrics =
        evaluate(val_.labels, probabilities_of(logits, 1.0), data_.faces.dataset.classes.size());
    epoch.val_loss = metrics.nll;
    epoch.val_accuracy = metrics.accuracy;
    epoch.val_macro_f1 = metrics.macro_f1;
    const bool best =
        result_.best_epoch == 0 ||
        merit(epoch, config_.select) >
            merit(result_.epochs[static_cast<std::size_t>(result_.best_epoch) - 1], config_.select);
    const Checkpoint checkpoint = checkpoint_of(epoch, fit_temperature(val_.labels, logits));
    if (best) {
      result_.best_epoch = epoch.epoch;
      result_.temperature = checkpoint.info.temperature;
      best_weights_ = checkpoint.weights;
      save_checkpoint(folder_ / "best.safetensors", checkpoint);
    }
    save_checkpoint(folder_ / "last.safetensors", checkpoint);
    epoch.seconds = seconds_since(started);
    result_.epochs.push_back(epoch);
    observer.on_epoch(epoch, best);
  }

  Checkpoint checkpoint_of(const EpochResult& epoch, double temperature) const {
    return {.info = {.backbone = experiment_.model.backbone,
                     .classes = data_.faces.dataset.classes,
                     .preprocessing = data_.preprocessing,
                     .temperature = temperature,
                     .trained_on = fmt::format(
                         "{}: {} images, {} split, epoch {}, validation accuracy {:.4f} on {} images",
                         experiment_.experiment.name, train_.labels.size(), experiment_.data.split.method,
                         epoch.epoch, epoch.val_accuracy, val_.labels.size()),
                     .epoch = epoch.epoch},
            .weights = weights_of(*classifier_)};
  }

  static std::vector<std::vector<float>> probabilities_of(const std::vector<std::vector<float>>& logits,
                                                          double temperature) {
    std::vector<std::vector<float>> probabilities;
    for (const auto& row : logits) probabilities.push_back(softmax(row, temperature));
    return probabilities;
  }

  void evaluate_best() {
    load_weights(*classifier_, best_weights_, (folder_ / "best.safetensors").string());
    result_.evaluations.push_back(evaluation_of(val_, Part::val));
    const PartCrops test = part_crops(data_, Part::test);
    if (!test.crops.empty()) result_.evaluations.push_back(evaluation_of(test, Part::test));
  }

  Evaluation evaluation_of(const PartCrops& crops, Part part) {
    const int classes = data_.faces.dataset.classes.size();
    const auto logits = predict_logits(*classifier_, crops, data_.preprocessing, config_.batch_size);
    Evaluation evaluation{.part = part_name(part),
                          .paths = {},
                          .labels = crops.labels,
                          .probabilities = probabilities_of(logits, result_.temperature),
                          .metrics = {},
                          .groups = {}};
    std::map<std::string, std::vector<std::string>> attributes;
    for (std::size_t i = 0; i < crops.samples.size(); ++i) {
      const Sample& sample = data_.faces.dataset.samples[crops.samples[i]];
      evaluation.paths.push_back(sample.path);
      for (const auto& [name, value] : sample.attributes) {
        attributes[name].resize(crops.samples.size());
        attributes[name][i] = value;
      }
    }
    evaluation.metrics = evaluate(evaluation.labels, evaluation.probabilities, classes);
    for (const auto& [name, values] : attributes) {
      auto groups = evaluate_groups(evaluation.labels, evaluation.probabilities, classes, name, values);
      std::ranges::move(groups, std::back_inserter(evaluation.groups));
    }
    return evaluation;
  }

  const Experiment& experiment_;
  const TrainConfig& config_;
  const TrainingData& data_;
  std::filesystem::path folder_;
  std::string head_;
  c10::Device device_;
  PartCrops train_;
  PartCrops val_;
  BatchLoader loader_;
  std::shared_ptr<Classifier> classifier_;
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
  TensorMap best_weights_;
  TrainingResult result_;
};

}  // namespace

TrainingPlan plan_training(const Experiment& experiment, const std::filesystem::path& models_folder) {
  TrainingPlan plan{.weights = {}, .device = device_text(select_device(experiment.train.device))};
  const std::string& weights = experiment.model.weights;
  const ModelFile& pretrained = model_file(experiment.model.backbone);
  if (weights == "imagenet") {
    plan.weights = require_model_file(pretrained, models_folder);
  } else if (weights == "auto") {
    plan.weights = find_model_file(pretrained, models_folder).value_or("");
  } else if (weights != "none") {
    plan.weights = weights;
    if (!std::filesystem::exists(plan.weights)) {
      throw data_error("{}: there is no such file (model.weights: imagenet, auto, none or a path)", weights);
    }
  }
  return plan;
}

TrainingResult train(const Experiment& experiment, const TrainingPlan& plan, const TrainingData& data,
                     const std::filesystem::path& folder, TrainingObserver& observer, const StopFn& stop) {
  try {
    Training training(experiment, data, folder);
    training.start_from(plan.weights);
    return training.run(observer, stop);
  } catch (const c10::Error& error) {
    throw failure("LibTorch: {}", error.what_without_backtrace());
  }
}

}  // namespace fer
