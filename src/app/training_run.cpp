#include "training_run.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <ctime>
#include <opencv2/core/version.hpp>
#include <ostream>

#include "evaluation_folder.hpp"
#include "fer/config/load.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "fer/model/device.hpp"
#include "fer/report/curves_picture.hpp"
#include "fer/report/training_files.hpp"
#include "fer/train/run_folder.hpp"
#include "fer/vision/image.hpp"
#include "stop_signal.hpp"
#include "training_watcher.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

std::string end_name(TrainingEnd end) {
  switch (end) {
    case TrainingEnd::finished:
      return "finished";
    case TrainingEnd::early_stopped:
      return "early_stopped";
    case TrainingEnd::out_of_time:
      return "out_of_time";
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

void write_results(const fs::path& folder, const TrainingResult& result, const ClassList& classes,
                   const std::string& name) {
  if (!result.epochs.empty()) write_image(folder / "curves.png", draw_curves(result.epochs, name));
  // The plain names belong to the part the protocol reports: the test part where there is one.
  for (const PartEvaluation& part : result.evaluations) {
    const bool reported = &part == &result.evaluations.back();
    write_evaluation(folder, reported ? "" : "_" + part.part,
                     {.part = part, .classes = classes, .temperature = result.temperature});
  }
}

Manifest manifest_of(const Experiment& experiment, const TrainingPlan& plan, const TrainingData& data,
                     std::span<const std::string> arguments) {
  Manifest manifest{.version = FER_VERSION,
                    .libtorch = libtorch_version(),
                    .opencv = CV_VERSION,
                    .device = plan.device,
                    .precision = {},
                    .seed = experiment.experiment.seed,
                    .command = {"fer-train"},
                    .started = utc_now(),
                    .resumed = {},
                    .split = split_text(experiment, data),
                    .data_sha256 = data_hash(data),
                    .weights = plan.weights.empty() ? "random" : plan.weights.string(),
                    .weights_sha256 = plan.weights.empty() ? "" : sha256(read_file(plan.weights)),
                    .end = "running",
                    .best_epoch = 0};
  manifest.command.insert(manifest.command.end(), arguments.begin(), arguments.end());
  return manifest;
}

/// The manifest the run began with, with this time added.
Manifest resumed_manifest(const fs::path& folder) {
  const fs::path path = folder / "manifest.json";
  try {
    Manifest manifest = parse_manifest(read_file(path));
    manifest.resumed.push_back(utc_now());
    return manifest;
  } catch (const Error& error) {
    throw data_error("{}: {}", path.string(), error.what());
  }
}

void print_results(std::ostream& out, const fs::path& folder, const TrainingResult& result,
                   const Manifest& manifest) {
  for (const auto& [part, scored, evaluation] : result.evaluations) {
    const Metrics& metrics = evaluation.metrics;
    out << fmt::format(
        "{}: accuracy {:.4f} (95 % {:.4f}-{:.4f}), balanced {:.4f}, macro-F1 {:.4f}, {} images; {}\n", part,
        metrics.accuracy, metrics.accuracy_ci95.low, metrics.accuracy_ci95.high, metrics.balanced_accuracy,
        metrics.macro_f1, metrics.samples, manifest.split);
  }
  out << fmt::format("best epoch {} of {}; run folder {}", result.best_epoch, result.epochs.size(),
                     folder.string())
      << std::endl;
}

}  // namespace

TrainingData load_data(const Experiment& experiment, const std::filesystem::path& models_folder,
                       const Console& console, Log& log) {
  ProgressBar bar(console.err, console.terminal, "cropping faces");
  TrainingData data = prepare_training_data(
      experiment, models_folder, [&](std::size_t done, std::size_t total) { bar.update(done, total); },
      stop_requested);
  bar.clear();
  const FaceCrops& faces = data.faces;
  std::vector<std::string> classes;
  for (int label = 0; label < faces.dataset.classes.size(); ++label) {
    const auto count = std::ranges::count(faces.dataset.samples, label, &Sample::label);
    classes.push_back(fmt::format("{} {}", faces.dataset.classes.name(label), count));
  }
  log.info("data: {} images ({})", faces.crops.size(), join(classes, ", "));
  log.info("crops: {}", faces.from_cache ? "from the cache" : "made now");
  log.info("faces: found in {} images, not in {} (face.missing: {})", faces.faces_found, faces.faces_missing,
           experiment.face.missing);
  const auto& rejected = faces.dataset.rejected;
  if (!rejected.empty()) {
    log.warning("{} files were left out, the first: {}: {} (all are in rejected.csv)", rejected.size(),
                rejected[0].path, rejected[0].reason);
  }
  return data;
}

TrainingRun run_training(const RunRequest& request, const TrainingData& data, const Console& console,
                         Log& log) {
  const Experiment& experiment = request.experiment;
  const std::string& name = experiment.experiment.name;
  const fs::path folder = request.plan.resume
                              ? request.folder
                              : make_run_folder(experiment.experiment.output, name, request.exist_ok);
  log.keep_in(folder / "train.log");
  log.info("run folder: {}", folder.string());
  Manifest manifest = request.plan.resume ? resumed_manifest(folder)
                                          : manifest_of(experiment, request.plan, data, request.arguments);
  log.info("split: {}: {} train, {} val, {} test", manifest.split,
           std::ranges::count(data.parts, Part::train), std::ranges::count(data.parts, Part::val),
           std::ranges::count(data.parts, Part::test));
  write_beginning(folder, experiment, data);

  TrainingWatcher watcher(console, log, folder, experiment.train);
  write_file(folder / "manifest.json", manifest_json(manifest));
  const TrainingResult result = train(experiment, request.plan, data, folder, watcher, stop_requested);
  watcher.finish();
  manifest.precision = watcher.bf16() ? "bf16" : "fp32";
  manifest.end = end_name(result.end);
  manifest.best_epoch = result.best_epoch;
  write_file(folder / "manifest.json", manifest_json(manifest));
  write_results(folder, result, data.faces.dataset.classes, name);
  print_results(console.out, folder, result, manifest);
  return {.folder = folder, .result = result};
}

}  // namespace fer
