#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>
#include <opencv2/core/version.hpp>
#include <ostream>

#include "fer/config/load.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "fer/model/device.hpp"
#include "fer/report/confusion_picture.hpp"
#include "fer/report/curves_picture.hpp"
#include "fer/report/metrics_files.hpp"
#include "fer/report/training_files.hpp"
#include "fer/train/run_folder.hpp"
#include "fer/train/trainer.hpp"
#include "fer/vision/image.hpp"
#include "options.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

struct TrainOptions {
  std::vector<fs::path> configs;
  std::vector<std::string> overrides;
  fs::path models_folder;
  bool dump_config = false;
  bool exist_ok = false;
  LogOptions log;
};

/// A flag that is short for --set KEY=VALUE.
void add_shortcut(CLI::App& app, const std::string& flag, const std::string& key, TrainOptions& options) {
  app.add_option_function<std::string>(
         flag, [&options, key](const std::string& value) { options.overrides.push_back(key + "=" + value); },
         "Short for --set " + key + "=VALUE")
      ->type_name("VALUE")
      ->take_last();
}

void describe(CLI::App& app, TrainOptions& options) {
  app.add_option("-c,--config", options.configs, "Experiment file (YAML); of several the later one wins")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_option("--set", options.overrides, "Set one key of the experiment, such as train.epochs=10")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  add_shortcut(app, "-o,--output", "experiment.output", options);
  add_shortcut(app, "--name", "experiment.name", options);
  add_shortcut(app, "--seed", "experiment.seed", options);
  add_shortcut(app, "--epochs", "train.epochs", options);
  add_shortcut(app, "-b,--batch-size", "train.batch_size", options);
  add_shortcut(app, "--device", "train.device", options);
  add_shortcut(app, "-j,--workers", "data.workers", options);
  app.add_option("--models-dir", options.models_folder, "Where starting weights lie")->type_name("DIR");
  app.add_flag("--dump-config", options.dump_config, "Print the resolved experiment and exit");
  app.add_flag("--exist-ok", options.exist_ok, "Write into an existing run folder");
  add_common_options(app, options.log);
}

/// Follows a training: progress bar, log line and results.csv per epoch.
class TrainingWatcher final : public TrainingObserver {
 public:
  TrainingWatcher(const Console& console, Log& log, const fs::path& folder, int epochs)
      : console_(console), log_(log), folder_(folder), epochs_(epochs) {}

  void on_batch(int epoch, std::size_t done, std::size_t total) override {
    const auto before = static_cast<std::size_t>(epoch - 1) * total;
    bar_.update(before + done, total * static_cast<std::size_t>(epochs_),
                fmt::format("batches, epoch {}", epoch));
  }

  void on_epoch(const EpochResult& epoch, bool best) override {
    bar_.clear();
    results_.push_back(epoch);
    write_file(folder_ / "results.csv", results_csv(results_));
    log_.info(
        "epoch {}/{} stage {} lr {:.2e} | train loss {:.4f} acc {:.4f} | val loss {:.4f} acc {:.4f} F1 "
        "{:.4f} | "
        "{:.0f} images/s, {:.1f} s{}",
        epoch.epoch, epochs_, epoch.stage, epoch.lr, epoch.train_loss, epoch.train_accuracy, epoch.val_loss,
        epoch.val_accuracy, epoch.val_macro_f1, epoch.images_per_second, epoch.seconds, best ? " *" : "");
  }

  void finish() { bar_.clear(); }

 private:
  const Console& console_;
  Log& log_;
  fs::path folder_;
  int epochs_;
  std::vector<EpochResult> results_;
  ProgressBar bar_{console_.err, console_.terminal, "training"};
};

TrainingData load_data(const Experiment& experiment, const Console& console, Log& log) {
  ProgressBar bar(console.err, console.terminal, "cropping faces");
  TrainingData data = prepare_training_data(
      experiment, [&](std::size_t done, std::size_t total) { bar.update(done, total); }, stop_requested);
  bar.clear();
  const FaceCrops& faces = data.faces;
  std::vector<std::string> classes;
  for (int label = 0; label < faces.dataset.classes.size(); ++label) {
    const auto count = std::ranges::count(faces.dataset.samples, label, &Sample::label);
    classes.push_back(fmt::format("{} {}", faces.dataset.classes.name(label), count));
  }
  log.info("data: {} images ({})", faces.crops.size(), join(classes, ", "));
  log.info("faces: found in {} images, not in {} (face.missing: {})", faces.faces_found, faces.faces_missing,
           experiment.face.missing);
  const auto& rejected = faces.dataset.rejected;
  if (!rejected.empty()) {
    log.warning("{} files were left out, the first: {}: {} (all are in rejected.csv)", rejected.size(),
                rejected[0].path, rejected[0].reason);
  }
  return data;
}

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

std::string end_name(TrainingEnd end) {
  switch (end) {
    case TrainingEnd::finished:
      return "finished";
    case TrainingEnd::early_stopped:
      return "early_stopped";
    case TrainingEnd::stopped:
      break;
  }
  return "stopped";
}

std::string split_text(const Experiment& experiment, const TrainingData& data) {
  const std::size_t shared = shared_subjects(data.faces.dataset, data.parts).size();
  std::string text = fmt::format("{} split", experiment.data.split.method);
  if (shared > 0) text += fmt::format(", {} subjects shared between the parts", shared);
  return text;
}

/// What a run folder holds before the first epoch.
void write_beginning(const fs::path& folder, const Experiment& experiment, const TrainingData& data) {
  write_file(folder / "config.yaml", dump_experiment(experiment));
  write_file(folder / "split.csv", split_csv(data.faces.dataset, data.parts));
  write_file(folder / "rejected.csv", rejected_csv(data.faces.dataset));
  write_image(folder / "samples.jpg", sample_sheet(experiment, data));
}

/// Metrics, predictions and confusion matrix of one part; `suffix` goes into the file names.
void write_evaluation(const fs::path& folder, const std::string& suffix, const Evaluation& evaluation,
                      const ClassList& classes, double temperature) {
  std::vector<Prediction> predictions;
  for (std::size_t i = 0; i < evaluation.paths.size(); ++i) {
    predictions.push_back({.path = evaluation.paths[i],
                           .label = evaluation.labels[i],
                           .probabilities = evaluation.probabilities[i]});
  }
  const Confusion& confusion = evaluation.metrics.confusion;
  write_file(folder / ("metrics" + suffix + ".json"), metrics_json({.split = evaluation.part,
                                                                    .classes = classes,
                                                                    .metrics = evaluation.metrics,
                                                                    .temperature = temperature,
                                                                    .groups = evaluation.groups}));
  write_file(folder / ("predictions" + suffix + ".csv"), predictions_csv(predictions, classes));
  write_file(folder / ("confusion_matrix" + suffix + ".csv"), confusion_csv(confusion, classes));
  write_image(folder / ("confusion_matrix" + suffix + ".png"),
              draw_confusion(confusion, classes, evaluation.part == "val" ? "Validation" : "Test"));
}

void write_results(const fs::path& folder, const TrainingResult& result, const ClassList& classes,
                   const std::string& name) {
  if (!result.epochs.empty()) write_image(folder / "curves.png", draw_curves(result.epochs, name));
  // The plain names belong to the part the protocol reports: the test part where there is one.
  for (const Evaluation& evaluation : result.evaluations) {
    const bool reported = &evaluation == &result.evaluations.back();
    write_evaluation(folder, reported ? "" : "_" + evaluation.part, evaluation, classes, result.temperature);
  }
}

Manifest manifest_of(const Experiment& experiment, const TrainingPlan& plan, const TrainingData& data,
                     std::span<const std::string> arguments) {
  Manifest manifest{.version = FER_VERSION,
                    .libtorch = libtorch_version(),
                    .opencv = CV_VERSION,
                    .device = plan.device,
                    .seed = experiment.experiment.seed,
                    .command = {"fer-train"},
                    .started = utc_now(),
                    .split = split_text(experiment, data),
                    .data_sha256 = data_hash(data),
                    .weights = plan.weights.empty() ? "random" : plan.weights.string(),
                    .weights_sha256 = plan.weights.empty() ? "" : sha256(read_file(plan.weights)),
                    .end = "running",
                    .best_epoch = 0};
  manifest.command.insert(manifest.command.end(), arguments.begin(), arguments.end());
  return manifest;
}

void print_results(std::ostream& out, const fs::path& folder, const TrainingResult& result,
                   const Manifest& manifest) {
  for (const Evaluation& evaluation : result.evaluations) {
    const Metrics& metrics = evaluation.metrics;
    out << fmt::format(
        "{}: accuracy {:.4f} (95 % {:.4f}-{:.4f}), balanced {:.4f}, macro-F1 {:.4f}, {} images; {}\n",
        evaluation.part, metrics.accuracy, metrics.accuracy_ci95.low, metrics.accuracy_ci95.high,
        metrics.balanced_accuracy, metrics.macro_f1, metrics.samples, manifest.split);
  }
  out << fmt::format("best epoch {} of {}; run folder {}", result.best_epoch, result.epochs.size(),
                     folder.string())
      << std::endl;
}

}  // namespace

int train_tool(std::span<const std::string> arguments, const Console& console) {
  CLI::App app("Trains a facial-expression classifier as an experiment file says.", "fer-train");
  TrainOptions options;
  describe(app, options);
  if (const auto done = parse_options(app, arguments, console)) return *done;
  const Experiment experiment = load_experiment(options.configs, options.overrides);
  if (options.dump_config) {
    console.out << dump_experiment(experiment) << std::flush;
    return kOk;
  }

  const StopSignal signals;
  Log log(console, options.log);
  const TrainingPlan plan = plan_training(experiment, options.models_folder);
  log.info(
      "device: {}; starting weights: {}", plan.device,
      plan.weights.empty() ? "random (no ImageNet weights were found or asked for)" : plan.weights.string());
  const TrainingData data = load_data(experiment, console, log);
  Manifest manifest = manifest_of(experiment, plan, data, arguments);
  log.info("split: {}: {} train, {} val, {} test", manifest.split,
           std::ranges::count(data.parts, Part::train), std::ranges::count(data.parts, Part::val),
           std::ranges::count(data.parts, Part::test));

  const fs::path folder =
      make_run_folder(experiment.experiment.output, experiment.experiment.name, options.exist_ok);
  log.keep_in(folder / "train.log");
  log.info("run folder: {}", folder.string());
  write_beginning(folder, experiment, data);
  write_file(folder / "manifest.json", manifest_json(manifest));

  TrainingWatcher watcher(console, log, folder, experiment.train.epochs);
  const TrainingResult result = train(experiment, plan, data, folder, watcher, stop_requested);
  watcher.finish();
  manifest.end = end_name(result.end);
  manifest.best_epoch = result.best_epoch;
  write_file(folder / "manifest.json", manifest_json(manifest));
  write_results(folder, result, data.faces.dataset.classes, experiment.experiment.name);
  print_results(console.out, folder, result, manifest);
  return result.end == TrainingEnd::stopped ? stop_exit_code() : kOk;
}

}  // namespace fer
