#include "eval_matrix.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <ostream>

#include "checkpoint_scoring.hpp"
#include "cross_validation.hpp"
#include "data_loading.hpp"
#include "engines.hpp"
#include "evaluation_folder.hpp"
#include "fer/config/load.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/eval/corpus_matrix.hpp"
#include "fer/report/matrix_files.hpp"
#include "fer/report/training_files.hpp"
#include "fer/train/describe_samples.hpp"
#include "fer/train/run_folder.hpp"
#include "stop_signal.hpp"
#include "training_run.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTogether = "all-sources";

struct Row {
  std::string name;
  fs::path checkpoint;
};

std::vector<std::string> names_of(const Experiment& experiment) {
  return source_names(sources_of(experiment.data));
}

/// The experiment with each source divided by itself.
Experiment read_experiment(const MatrixOptions& options) {
  Experiment experiment = load_experiment(options.configs, options.overrides);
  const SplitConfig& split = experiment.data.split;
  const std::vector<std::string> names = names_of(experiment);
  if (names.size() < 2)
    throw usage_error("data.sources: a matrix needs two sources at least, got {}", names.size());
  if (std::ranges::count(names, kTogether) > 0)
    throw usage_error("data.sources: '{}' is the row of all sources: give the source another name",
                      kTogether);
  if (is_by_group(split) || is_cross_validation(experiment))
    throw usage_error("data.split: a matrix has one split of each source: no group_out, and fold 1 or above");
  if (experiment.train.repeats > 1) throw usage_error("train.repeats: a matrix trains each source once");
  experiment.data.split.each_source = true;
  if (!options.device.empty() && options.device != "auto") experiment.train.device = options.device;
  return experiment;
}

/// The part of a source that is tested, the same for every row.
std::string part_of(const TrainingData& data, const std::string& source, const MatrixOptions& options) {
  if (options.part != "auto") return options.part;
  for (std::size_t i = 0; i < data.parts.size(); ++i)
    if (data.parts[i] == Part::test && data.faces.dataset.samples[i].source == source)
      return part_name(Part::test);
  return part_name(Part::val);
}

std::vector<std::size_t> samples_of(const TrainingData& data, const std::string& source,
                                    const std::string& part) {
  std::vector<std::size_t> samples;
  for (std::size_t i = 0; i < data.faces.dataset.samples.size(); ++i) {
    const bool in_part = part == "all" || part == part_name(data.parts[i]);
    if (in_part && data.faces.dataset.samples[i].source == source) samples.push_back(i);
  }
  if (samples.empty()) throw usage_error("source {}: its split leaves no sample for {}", source, part);
  return samples;
}

/// Has come to its end, so that there is nothing to go on with.
bool is_done(const fs::path& run) {
  const fs::path manifest = run / "manifest.json";
  if (!fs::exists(manifest) || !fs::exists(run / "best.safetensors")) return false;
  const std::string end = parse_manifest(read_file(manifest)).end;
  return end != "running" && end != "stopped";
}

/// The rows and columns of one call.
class MatrixRun {
 public:
  MatrixRun(const MatrixOptions& options, const Experiment& experiment, const Console& console, Log& log)
      : options_(options),
        experiment_(experiment),
        sources_(names_of(experiment)),
        console_(console),
        log_(log) {
    const std::string name = options.name.empty() ? experiment.experiment.name + "-matrix" : options.name;
    run_ = make_run_folder(options.output, name, options.exist_ok || options.resume);
    write_file(run_.path / "config.yaml", dump_experiment(experiment));
  }

  /// An exit code where a signal ended it.
  std::optional<int> train_rows() {
    TrainingData data = load_data(experiment_, options_.models_folder, log_);
    split_data(data, experiment_, log_);
    say_split(data, log_);
    write_file(run_.path / "split.csv", split_csv(data.faces.dataset, data.parts, data.folds));
    std::vector<Row> rows;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      Experiment experiment = experiment_;
      experiment.data.sources = {experiment_.data.sources[i]};
      experiment.data.sources.front().name = sources_[i];
      if (!train_row(sources_[i], experiment, source_data(data, sources_[i]), rows)) return stop_exit_code();
    }
    if (options_.together && !train_row(kTogether, experiment_, data, rows)) return stop_exit_code();
    for (const Row& row : rows) {
      const auto predictor = load_predictor(row.checkpoint, {.device = options_.device});
      evaluate_row(row, *predictor, data);
    }
    return std::nullopt;
  }

  void evaluate_given() {
    for (const std::string& text : options_.checkpoints) {
      const auto equals = text.find('=');
      const fs::path path = equals == std::string::npos ? text : text.substr(equals + 1);
      const Row row{.name = equals == std::string::npos ? path.filename().string() : text.substr(0, equals),
                    .checkpoint = checkpoint_file(path)};
      const auto predictor = load_predictor(row.checkpoint, {.device = options_.device});
      TrainingData data = load_for(*predictor, experiment_, options_.models_folder, log_);
      if (options_.part != "all") {
        data.looks = looks_of(data.faces.crops, std::max(1, worker_count(experiment_)), {}, stop_requested);
        split_data(data, experiment_, log_);
      }
      evaluate_row(row, *predictor, data);
    }
  }

  void report() const {
    write_file(run_.path / "matrix.txt", matrix_text(matrix_));
    write_file(run_.path / "matrix.csv", matrix_csv(matrix_));
    write_file(run_.path / "matrix.json", matrix_json(matrix_));
    write_file(run_.path / "matrix.md", matrix_markdown(matrix_));
    write_file(run_.path / "matrix.tex", matrix_latex(matrix_));
    console_.out << matrix_text(matrix_) << "matrix folder " << run_.path.string() << std::endl;
  }

 private:
  static TrainingData source_data(const TrainingData& data, const std::string& source) {
    try {
      return data_of_source(data, source);
    } catch (const Error& error) {
      throw Error(error.kind(), fmt::format("source {}: {}", source, error.what()));
    }
  }

  /// False where a signal ended it.
  bool train_row(const std::string& name, Experiment experiment, const TrainingData& data,
                 std::vector<Row>& rows) {
    experiment.experiment.name = name;
    experiment.experiment.output = (run_.path / "runs").string();
    const auto earlier = options_.resume ? find_same_run(experiment) : std::nullopt;
    if (earlier && is_done(*earlier)) {
      log_.info("{}: trained already, {}", name, earlier->string());
      rows.push_back({.name = name, .checkpoint = checkpoint_file(*earlier)});
      return true;
    }
    const RunRequest request{
        .experiment = experiment,
        .plan = earlier ? plan_resumption(experiment) : plan_training(experiment, options_.models_folder),
        .folder = earlier.value_or(""),
        .series = name,
        .program = "fer-eval",
        .arguments = options_.arguments};
    const TrainingRun run = run_training(request, data, console_, log_);
    if (run.result.end == TrainingEnd::stopped) return false;
    rows.push_back({.name = name, .checkpoint = checkpoint_file(run.folder)});
    return true;
  }

  void evaluate_row(const Row& row, LogitPredictor& predictor, const TrainingData& data) {
    std::vector<CorpusCell> cells;
    for (const std::string& source : sources_) {
      const std::string part = part_of(data, source, options_);
      const std::vector<std::size_t> samples = samples_of(data, source, part);
      PartEvaluation evaluated{
          .part = part, .scored = describe_samples(data.faces, samples), .evaluation = {}};
      count_trained_on(evaluated.scored, row.checkpoint.parent_path(), experiment_.data.allow_leakage);
      std::vector<cv::Mat> crops;
      for (const std::size_t sample : samples) crops.push_back(data.faces.crops[sample]);
      score(evaluated.scored, predictor, crops, log_);
      evaluated.evaluation = evaluate_with_bar(evaluated.scored, predictor.facts().classes, log_);
      write_cell(row, source,
                 {.part = evaluated,
                  .classes = predictor.facts().classes,
                  .calibration = predictor.facts().calibration,
                  .protocol = protocol_text(data, source),
                  .in_sample = row.name == source && part == part_name(Part::val),
                  .crops = crops});
      cells.push_back(corpus_cell(row.name, source, part, evaluated.evaluation));
    }
    matrix_.rows.push_back(corpus_row(row.name, std::move(cells)));
  }

  static std::string protocol_text(const TrainingData& data, const std::string& source) {
    return data.parts.empty() ? "all images of " + source : source + ": " + split_text(data.split);
  }

  void write_cell(const Row& row, const std::string& source, const EvaluationReport& report) const {
    const fs::path folder = run_.path / "cells" / fmt::format("{}-on-{}", row.name, source);
    make_folder(folder);
    write_evaluation(folder, "", report);
  }

  const MatrixOptions& options_;
  const Experiment& experiment_;
  std::vector<std::string> sources_;
  const Console& console_;
  Log& log_;
  RunFolder run_;
  CorpusMatrix matrix_;
};

}  // namespace

void describe_matrix(CLI::App& command, MatrixOptions& options) {
  command.add_option("-c,--config", options.configs, "Experiment file (YAML) with two sources or more")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command.add_option("--set", options.overrides, "Set one key of the experiment, such as train.epochs=10")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command
      .add_option("--checkpoints", options.checkpoints,
                  "Evaluate these in place of training; NAME is the row's, PATH a checkpoint or a run folder")
      ->type_name("NAME=PATH");
  command.add_flag("--together", options.together, "A row trained on all sources together, too");
  command
      .add_option(
          "--part", options.part,
          "What to test on: auto (the test part of a source that has one, else validation), val, test, "
          "or, with --checkpoints, all")
      ->check(CLI::IsMember({"auto", "val", "test", "all"}))
      ->capture_default_str();
  command.add_option("-o,--output", options.output, "Folder for the matrix's folder")
      ->type_name("DIR")
      ->capture_default_str();
  command.add_option("--name", options.name, "Name of the matrix's folder; otherwise EXPERIMENT-matrix")
      ->type_name("NAME");
  command.add_flag("--exist-ok", options.exist_ok, "Write into an existing folder");
  command.add_flag("--resume", options.resume,
                   "Go on in an existing folder: what was trained is not trained again");
  command.add_option("--models-dir", options.models_folder, "Where starting weights and detectors lie")
      ->type_name("DIR");
  command.add_option("--device", options.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
}

int evaluate_matrix(const MatrixOptions& options, const LogOptions& log_options, const Console& console) {
  if (!options.checkpoints.empty() && options.together)
    throw usage_error("--together trains, which --checkpoints is in place of");
  if (options.checkpoints.empty() && options.part == "all")
    throw usage_error("--part all: would test on what was trained on; --checkpoints may have it");
  const Experiment experiment = read_experiment(options);
  const StopSignal signals;
  Log log(console, log_options);
  MatrixRun matrix(options, experiment, console, log);
  if (!options.checkpoints.empty()) {
    matrix.evaluate_given();
  } else if (const auto stopped = matrix.train_rows()) {
    return *stopped;
  }
  matrix.report();
  return kOk;
}

}  // namespace fer
