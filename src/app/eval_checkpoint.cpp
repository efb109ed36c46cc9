#include "eval_checkpoint.hpp"

#include <algorithm>
#include <opencv2/core/version.hpp>
#include <ostream>
#include <set>

#include "checkpoint_scoring.hpp"
#include "data_loading.hpp"
#include "engines.hpp"
#include "evaluation_folder.hpp"
#include "fer/config/load.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/shipped_models.hpp"
#include "fer/core/stopwatch.hpp"
#include "fer/core/text.hpp"
#include "fer/model/device.hpp"
#include "fer/model/predictor.hpp"
#include "fer/report/evaluation_manifest.hpp"
#include "fer/train/describe_samples.hpp"
#include "fer/train/run_folder.hpp"
#include "fer/train/training_data.hpp"
#include "options.hpp"
#include "report_page.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

void say_absent_classes(const Dataset& dataset, std::span<const std::size_t> samples, Log& log) {
  std::set<int> present;
  for (const std::size_t sample : samples) present.insert(dataset.samples[sample].label);
  std::vector<std::string> absent;
  for (int label = 0; label < dataset.classes.size(); ++label) {
    if (!present.contains(label)) absent.push_back(dataset.classes.name(label));
  }
  if (absent.empty()) return;
  log.warning("no sample of {}: balanced accuracy and macro averages are over the other classes",
              join(absent, ", "));
}

/// The part to evaluate: "all" makes no parts.
std::string part_of(const CheckpointOptions& options, const TrainingData& data) {
  if (!options.part.empty()) return options.part;
  return part_name(std::ranges::count(data.parts, Part::test) > 0 ? Part::test : Part::val);
}

/// Makes the parts where one of them is asked for.
void divide_for(TrainingData& data, const Experiment& experiment, const CheckpointOptions& options,
                Log& log) {
  const bool all = options.part == "all" || (options.part.empty() && !is_own_data(options.data));
  if (all) return;
  ProgressBar bar = log.bar("looking at crops");
  data.looks = looks_of(data.faces.crops, std::max(1, worker_count(experiment)),
                        progress_of(steps_on(bar), "looking at crops"), stop_requested);
  split_training_data(data, experiment, steps_on(bar), stop_requested);
}

std::vector<std::size_t> samples_of(const std::string& part, const TrainingData& data) {
  std::vector<std::size_t> samples;
  for (std::size_t i = 0; i < data.faces.crops.size(); ++i) {
    if (part == "all" || part == part_name(data.parts[i])) samples.push_back(i);
  }
  if (samples.empty()) throw usage_error("--part {}: the split leaves no sample for it", part);
  return samples;
}

/// "kdef" for runs/kdef/best.safetensors, else the file's own name.
std::string name_of(const fs::path& checkpoint) {
  const std::string stem = checkpoint.stem().string();
  const std::string folder = fs::absolute(checkpoint).parent_path().filename().string();
  return stem == "best" || stem == "last" ? folder : stem;
}

std::string run_name(const CheckpointOptions& options, const fs::path& checkpoint,
                     const Experiment& experiment, const std::string& part) {
  if (!options.name.empty()) return options.name;
  const fs::path root = fs::absolute(experiment.data.sources.front().root).lexically_normal();
  const std::string data = root.has_filename() ? root.stem().string() : root.parent_path().stem().string();
  return fmt::format("{}-on-{}{}", name_of(checkpoint), data, part == "all" ? "" : "-" + part);
}

/// "split" for parts, else what "all" is.
std::string protocol_text(const TrainingData& data, const Experiment& experiment, std::ptrdiff_t trained_on) {
  if (!data.parts.empty()) return split_text(data.split);
  std::vector<std::string> roots;
  for (const SourceConfig& source : experiment.data.sources) roots.push_back(source.root);
  const std::string known = trained_on == 0 ? "" : fmt::format("; {} of them trained on", trained_on);
  return fmt::format("all images of {}{}", join(roots, ", "), known);
}

/// What was evaluated, on what.
struct Subject {
  const CheckpointOptions& options;
  const fs::path& checkpoint;
  const Experiment& experiment;
  const TrainingData& data;
  const PredictorFacts& facts;
};

void write_results(const Subject& subject, const EvaluationReport& report, const Console& console, Log& log) {
  const auto& [options, checkpoint, experiment, data, facts] = subject;
  const Dataset& dataset = data.faces.dataset;
  const RunFolder run = make_run_folder(
      options.output, run_name(options, checkpoint, experiment, report.part.part), options.exist_ok);
  const fs::path& folder = run.path;
  EvaluationManifest manifest{.version = FER_VERSION,
                              .libtorch = libtorch_version(),
                              .opencv = CV_VERSION,
                              .device = device_text(select_device(options.predictor.device)),
                              .precision = facts.precision,
                              .command = {"fer-eval"},
                              .finished = utc_now(),
                              .checkpoint = checkpoint.string(),
                              .checkpoint_sha256 = sha256(read_file(checkpoint)),
                              .trained_on = facts.trained_on,
                              .protocol = report.protocol,
                              .data_sha256 = data_hash(data)};
  manifest.command.insert(manifest.command.end(), options.arguments.begin(), options.arguments.end());
  write_file(folder / "manifest.json", evaluation_manifest_json(manifest));
  write_file(folder / "config.yaml", dump_experiment(experiment));
  write_file(folder / "split.csv", split_csv(dataset, data.parts, data.folds));
  write_file(folder / "rejected.csv", rejected_csv(dataset));
  write_evaluation(folder, "", report);
  TrainingPage page = page_of(experiment, data, folder);
  page.title = folder.filename().string();
  page.protocol = report.protocol;
  page.parts = {{.evaluation = &report.part,
                 .calibration = report.calibration,
                 .in_sample = report.in_sample,
                 .crops = report.crops}};
  page.made_with = manifest_facts(manifest);
  write_page(page);
  log_calibration(report.part, report.calibration, report.in_sample, log);
  log_errors(report.part, report.classes, log);
  console.out << evaluation_line(report.part, report.protocol) << "\nevaluation folder " << folder.string()
              << '\n'
              << report_line(folder) << std::flush;
}

}  // namespace

void describe_checkpoint(CLI::App& app, CheckpointOptions& options) {
  app.add_option("checkpoint", options.checkpoint, "Checkpoint, or the folder of a run")
      ->type_name("CHECKPOINT");
  app.add_option("data", options.data.data,
                 "Folders or lists of labelled images; else those of -c or of the run")
      ->type_name("DATA");
  describe_data(app, options.data);
  app.add_option("--part", options.part,
                 "all, train, val or test; otherwise all of other data, and of the run's own the part it "
                 "reports")
      ->check(CLI::IsMember({"all", "train", "val", "test"}));
  app.add_option("-o,--output", options.output, "Folder for the evaluations")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--name", options.name, "Name of this one; otherwise RUN-on-DATA")->type_name("NAME");
  app.add_flag("--exist-ok", options.exist_ok, "Write into an existing folder");
  describe_predictor(app, options.predictor);
}

int evaluate_checkpoint(const CheckpointOptions& options, const LogOptions& log_options,
                        const Console& console) {
  if (options.checkpoint.empty())
    throw usage_error("fer-eval: name a checkpoint or a command (--help lists them)");
  const StopSignal signals;
  Log log(console, log_options);
  const fs::path checkpoint = checkpoint_file(model_path(options.checkpoint.string()));
  const fs::path run = checkpoint.parent_path();
  const Experiment experiment = experiment_of(options.data, checkpoint);
  const auto predictor = load_predictor(checkpoint, options.predictor);
  log.debug("checkpoint: {} ({}), computed in {}", checkpoint.string(), predictor->facts().trained_on,
            predictor->facts().precision);
  TrainingData data = load_for(*predictor, experiment, options.data.models_folder, log);
  divide_for(data, experiment, options, log);

  PartEvaluation evaluated;
  evaluated.part = data.parts.empty() ? "all" : part_of(options, data);
  const std::vector<std::size_t> samples = samples_of(evaluated.part, data);
  evaluated.scored = describe_samples(data.faces, samples);
  const auto trained_on = count_trained_on(evaluated.scored, run, experiment.data.allow_leakage);
  say_absent_classes(data.faces.dataset, samples, log);
  std::vector<cv::Mat> crops;
  for (const std::size_t sample : samples) crops.push_back(data.faces.crops[sample]);
  const Stopwatch watch;
  score(evaluated.scored, *predictor, crops, log);
  log.debug("{} images predicted in {:.2f} s", crops.size(), watch.seconds());
  evaluated.evaluation = evaluate_with_bar(evaluated.scored, predictor->facts().classes, log);

  const EvaluationReport report{
      .part = evaluated,
      .classes = predictor->facts().classes,
      .calibration = predictor->facts().calibration,
      .protocol = protocol_text(data, experiment, trained_on),
      .in_sample = is_own_data(options.data) && evaluated.part == part_name(Part::val),
      .crops = crops};
  write_results({.options = options,
                 .checkpoint = checkpoint,
                 .experiment = experiment,
                 .data = data,
                 .facts = predictor->facts()},
                report, console, log);
  return kOk;
}

}  // namespace fer
