#include "training_run.hpp"

#include <algorithm>
#include <opencv2/core/version.hpp>
#include <ostream>

#include "data_loading.hpp"
#include "evaluation_folder.hpp"
#include "fer/config/load.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "fer/model/device.hpp"
#include "fer/report/curves_figure.hpp"
#include "fer/report/training_files.hpp"
#include "fer/train/run_folder.hpp"
#include "fer/vision/image.hpp"
#include "report_page.hpp"
#include "stop_signal.hpp"
#include "training_watcher.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

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

/// What a run folder holds before the first epoch.
void write_beginning(const fs::path& folder, const Experiment& experiment, const TrainingData& data) {
  write_file(folder / "config.yaml", dump_experiment(experiment));
  write_file(folder / "split.csv", split_csv(data.faces.dataset, data.parts, data.folds));
  if (!data.leaks.empty()) write_file(folder / "leaks.csv", leaks_csv(data.faces.dataset, data.leaks));
  write_file(folder / "rejected.csv", rejected_csv(data.faces.dataset));
  write_image(folder / "samples.jpg", sample_sheet(experiment, data));
}

std::vector<cv::Mat> crops_of(const TrainingData& data, Part part) {
  std::vector<cv::Mat> crops;
  for (const std::size_t sample : indices_of(data.parts, part)) crops.push_back(data.faces.crops[sample]);
  return crops;
}

/// Every file that tells how it went.
void write_results(TrainingPage& page, const TrainingResult& result, const TrainingData& data) {
  const fs::path& folder = page.folder;
  if (!result.epochs.empty()) write_figure(folder / "curves", curves_figure(result.epochs, page.title));
  // The plain names belong to the part the protocol reports: the test part where there is one.
  std::vector<cv::Mat> crops;
  for (const PartEvaluation& part : result.evaluations) {
    const bool reported = &part == &result.evaluations.back();
    const Part of = part.part == part_name(Part::val) ? Part::val : Part::test;
    const bool in_sample = of == Part::val;
    crops = crops_of(data, of);
    write_evaluation(folder, reported ? "" : "_" + part.part,
                     {.part = part,
                      .classes = data.faces.dataset.classes,
                      .calibration = result.calibration,
                      .protocol = split_text(data.split),
                      .in_sample = in_sample,
                      .crops = crops});
    page.parts.push_back({.evaluation = &part, .calibration = result.calibration, .in_sample = in_sample});
  }
  if (!page.parts.empty()) page.parts.back().crops = crops;
  page.course.epochs = result.epochs;
  page.course.best_epoch = result.best_epoch;
  write_page(page);
}

std::map<std::string, std::string> teachers_of(const Experiment& experiment) {
  std::map<std::string, std::string> teachers;
  for (const std::string& path : experiment.train.distill.teachers) teachers[path] = sha256(read_file(path));
  return teachers;
}

Manifest manifest_of(const RunRequest& request, const TrainingData& data) {
  const auto& [experiment, plan, folder, exist_ok, series, program, arguments] = request;
  Manifest manifest{.version = FER_VERSION,
                    .libtorch = libtorch_version(),
                    .opencv = CV_VERSION,
                    .device = plan.device,
                    .precision = {},
                    .seed = experiment.experiment.seed,
                    .command = {program},
                    .started = utc_now(),
                    .resumed = {},
                    .split = split_text(data.split),
                    .split_facts = data.split,
                    .data_sha256 = data_hash(data),
                    .weights = plan.weights.empty() ? "random" : plan.weights.string(),
                    .weights_sha256 = plan.weights.empty() ? "" : sha256(read_file(plan.weights)),
                    .teachers = teachers_of(experiment),
                    .end = "running",
                    .best_epoch = 0};
  manifest.command.insert(manifest.command.end(), arguments.begin(), arguments.end());
  return manifest;
}

/// The manifest the run began with, with this time added. Throws a data error if its teachers are others now.
Manifest resumed_manifest(const fs::path& folder, const Experiment& experiment) {
  const fs::path path = folder / "manifest.json";
  Manifest manifest;
  try {
    manifest = parse_manifest(read_file(path));
  } catch (const Error& error) {
    throw data_error("{}: {}", path.string(), error.what());
  }
  for (const auto& [teacher, digest] : teachers_of(experiment)) {
    if (manifest.teachers[teacher] == digest) continue;
    throw data_error("{}: is another file than when {} began", teacher, folder.string());
  }
  manifest.resumed.push_back(utc_now());
  return manifest;
}

void print_results(std::ostream& out, const fs::path& folder, const TrainingResult& result,
                   const Manifest& manifest) {
  for (const PartEvaluation& part : result.evaluations) out << evaluation_line(part, manifest.split) << '\n';
  out << fmt::format("best epoch {} of {}; run folder {}\n", result.best_epoch, result.epochs.size(),
                     folder.string())
      << report_line(folder) << std::flush;
}

/// What calibration did, and the errors of the part the protocol reports.
void log_results(const TrainingResult& result, const Experiment& experiment, const ClassList& classes,
                 Log& log) {
  if (result.evaluations.empty()) return;
  if (const auto method = name_of(result.calibration.method); method != experiment.train.calibration) {
    log.warning("calibration: {} scaling could not be fitted, so it is {}", experiment.train.calibration,
                method);
  }
  for (const PartEvaluation& part : result.evaluations)
    log_calibration(part, result.calibration, part.part == part_name(Part::val), log);
  log_errors(result.evaluations.back(), classes, log);
}

/// Of a rank that does not lead: nobody watches.
class NoObserver final : public TrainingObserver {
 public:
  void on_batch(int, std::size_t, std::size_t) override {}
  void on_epoch(const EpochResult&, bool) override {}
};

}  // namespace

std::optional<fs::path> find_same_run(const Experiment& experiment) {
  const auto folder = find_run_to_resume(experiment.experiment.output, experiment.experiment.name);
  if (!folder) return std::nullopt;
  const fs::path config = *folder / "config.yaml";
  if (load_experiment(std::span(&config, 1), {}) == experiment) return folder;
  throw usage_error(
      "{}: was made with another configuration; --resume {} goes on with its own, another --name begins anew",
      config.string(), folder->string());
}

TrainingRun run_training(const RunRequest& request, const TrainingData& data, const Console& console,
                         Log& log) {
  const Experiment& experiment = request.experiment;
  if (!request.plan.leads()) {
    NoObserver nobody;
    return {.folder = {}, .result = train(experiment, request.plan, data, {}, nobody, stop_requested)};
  }
  const std::string& name = experiment.experiment.name;
  const RunFolder run = request.plan.resume
                            ? take_run_folder(request.folder)
                            : make_run_folder(experiment.experiment.output, name, request.exist_ok);
  const fs::path& folder = run.path;
  log.keep_in(folder / "train.log");
  log.info("run folder: {}", folder.string());
  Manifest manifest = request.plan.resume ? resumed_manifest(folder, experiment) : manifest_of(request, data);
  say_split(data, log);
  say_balance(data, experiment, log);
  // Of an older run in the same folder, which nobody may go on with from now on.
  if (!request.plan.resume) remove_file(folder / "state.safetensors");
  write_beginning(folder, experiment, data);

  TrainingPage page = page_of(experiment, data, folder);
  page.title = name;
  page.made_with = manifest_facts(manifest);
  TrainingWatcher watcher(log, page, experiment.train, request.series);
  write_file(folder / "manifest.json", manifest_json(manifest));
  const TrainingResult result = train(experiment, request.plan, data, folder, watcher, stop_requested);
  watcher.finish();
  manifest.precision = watcher.bf16() ? "bf16" : "fp32";
  manifest.end = end_name(result.end);
  manifest.best_epoch = result.best_epoch;
  page.made_with = manifest_facts(manifest);
  write_results(page, result, data);
  // Last, as a run that says how it ended is taken for whole.
  write_file(folder / "manifest.json", manifest_json(manifest));
  log_results(result, experiment, data.faces.dataset.classes, log);
  print_results(console.out, folder, result, manifest);
  return {.folder = folder, .result = result};
}

}  // namespace fer
