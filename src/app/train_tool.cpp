#include <optional>
#include <ostream>

#include "cross_validation.hpp"
#include "data_loading.hpp"
#include "fer/config/load.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/core/text.hpp"
#include "fer/eval/spread.hpp"
#include "fer/report/training_files.hpp"
#include "fer/train/run_folder.hpp"
#include "fer/train/training_plan.hpp"
#include "options.hpp"
#include "process_launch.hpp"
#include "stop_signal.hpp"
#include "sweep.hpp"
#include "training_run.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

struct TrainOptions {
  std::vector<fs::path> configs;
  std::vector<std::string> overrides;
  fs::path models_folder;
  bool dump_config = false;
  bool exist_ok = false;
  bool resume = false;
  std::optional<int> folds;  // of a cross-validation
  std::optional<int> fold;   // one of them
  fs::path resumed_run;      // empty: the latest of the experiment's name
  std::optional<int> processes;
  std::string backend = "auto";  // between them
  double timeout = 120;          // seconds, of a rank that does not answer
  SweepOptions sweep;
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

void describe_processes(CLI::App& app, TrainOptions& options) {
  app.add_option("--nproc", options.processes,
                 "Train in so many processes on this machine, which divide each batch; torchrun and srun "
                 "start them on several")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  app.add_option("--backend", options.backend,
                 "What the processes talk by: gloo, nccl (between GPUs), or auto: nccl where it can be")
      ->check(CLI::IsMember({"auto", "gloo", "nccl"}))
      ->capture_default_str();
  app.add_option("--timeout", options.timeout,
                 "Seconds until a process that does not answer is given up, and the training with it")
      ->check(CLI::Range(1.0, 1e6))
      ->capture_default_str();
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
  add_shortcut(app, "--drop-suspects", "data.drop_suspects", options);
  add_shortcut(app, "--device", "train.device", options);
  add_shortcut(app, "-j,--workers", "data.workers", options);
  app.add_option("--models-dir", options.models_folder, "Where starting weights and detectors lie")
      ->type_name("DIR");
  app.add_option(
         "--folds", options.folds,
         "Cross-validation: a run for each of so many folds, by subject unless data.split.method says "
         "random_kfold, and a report of them all")
      ->type_name("N")
      ->check(CLI::Range(2, 1000));
  app.add_option("--fold", options.fold, "Only this fold, so that several processes can share them")
      ->type_name("K")
      ->check(CLI::Range(1, 1000));
  app.add_flag("--dump-config", options.dump_config, "Print the resolved experiment and exit");
  app.add_flag("--exist-ok", options.exist_ok, "Write into an existing run folder");
  app.add_option_function<std::string>(
         "--resume",
         [&options](const std::string& run) {
           options.resume = true;
           options.resumed_run = run;
         },
         "Go on with a run that was stopped or killed: this folder, or without one the latest of the "
         "experiment's name; where there is none, a new run begins")
      ->type_name("RUN")
      ->expected(0, 1)
      ->default_str("");
  describe_processes(app, options);
  describe_sweep(app, options.sweep);
  add_common_options(app, options.log);
}

/// What --grid needs of the other options.
SweepOptions sweep_of(const TrainOptions& options) {
  if (options.folds || options.fold)
    throw usage_error("--grid: its file says 'folds', not --folds or --fold");
  if (!options.resumed_run.empty())
    throw usage_error("--resume RUN goes on with one run; --grid with --resume alone goes on with all");
  if (options.processes)
    throw usage_error("--grid: its runs are independent, so --parallel N shares the machine, not --nproc");
  if (options.dump_config)
    throw usage_error("--grid: writes configs/NNN.yaml for each run, not --dump-config");
  SweepOptions sweep = options.sweep;
  sweep.configs = options.configs;
  sweep.overrides = options.overrides;
  sweep.models_folder = options.models_folder;
  sweep.resume = options.resume;
  sweep.log = options.log;
  return sweep;
}

/// What a run needs besides its experiment.
struct RunContext {
  const TrainOptions& options;
  std::span<const std::string> arguments;
  const ProcessGroup& group;
  Log& log;
};

/// --folds and --fold over what the experiment says of its split.
void apply_folds(Experiment& experiment, const TrainOptions& options) {
  if (!options.folds && !options.fold) return;
  if (!options.resumed_run.empty())
    throw usage_error("--resume RUN goes on with one run; --folds with --resume alone goes on with all");
  SplitConfig& split = experiment.data.split;
  if (options.folds && is_by_group(split))
    throw usage_error(
        "--folds {}: with data.split.method group_out there are as many folds as values of {}; leave "
        "it out",
        *options.folds, split.group);
  if (!options.folds && !has_folds(split))
    throw usage_error("--fold {} needs --folds as well", *options.fold);
  if (!has_folds(split)) {
    split.method = "kfold";
    split.test = 0;
  }
  split.folds = options.folds.value_or(split.folds);
  split.fold = 0;
  if (options.fold.value_or(0) > split.folds && !is_by_group(split))
    throw usage_error("--fold {}: there are {} folds", *options.fold, split.folds);
  if (options.fold) experiment = fold_experiment(std::move(experiment), *options.fold);
}

/// The run's own configuration, where it is named; `--set` may still change keys.
Experiment read_experiment(const TrainOptions& options) {
  if (options.resumed_run.empty()) return load_experiment(options.configs, options.overrides);
  if (!options.configs.empty()) {
    throw usage_error("--resume {} goes on with that run's own config.yaml: leave out -c, or RUN",
                      options.resumed_run.string());
  }
  const fs::path config = options.resumed_run / "config.yaml";
  if (!fs::exists(options.resumed_run / "state.safetensors") || !fs::exists(config)) {
    throw data_error("{}: holds no run to go on with (config.yaml and state.safetensors were expected)",
                     options.resumed_run.string());
  }
  return load_experiment(std::span(&config, 1), options.overrides);
}

/// The folder of the run to go on with, if that was asked for and there is one. One that is found by its name
/// must be of the same experiment.
std::optional<fs::path> run_to_resume(const Experiment& experiment, const TrainOptions& options) {
  if (!options.resume) return std::nullopt;
  if (!options.resumed_run.empty()) return options.resumed_run;
  return find_same_run(experiment);
}

/// Settled before any data are read, so that what is missing shows at once.
RunRequest plan_run(const Experiment& experiment, const RunContext& context) {
  std::optional<fs::path> folder;
  if (context.group.leads()) folder = run_to_resume(experiment, context.options);
  const bool resumes = context.group.any(folder.has_value());
  RunRequest request{.experiment = experiment,
                     .plan = resumes ? plan_resumption(experiment)
                                     : plan_training(experiment, context.options.models_folder),
                     .folder = folder.value_or(""),
                     .exist_ok = context.options.exist_ok,
                     .series = fold_text(experiment.data.split),
                     .arguments = {context.arguments.begin(), context.arguments.end()}};
  if (!context.group.is_alone()) request.plan.group = &context.group;
  const fs::path& weights = request.plan.weights;
  context.log.info("device: {}; starting weights: {}", request.plan.device,
                   folder            ? "those of " + folder->string()
                   : weights.empty() ? "random (no ImageNet weights were found or asked for)"
                                     : weights.string());
  return request;
}

/// The experiment itself, one per fold, or one per seed on one split.
std::vector<RunRequest> plan_runs(const Experiment& experiment, const RunContext& context) {
  std::vector<RunRequest> requests;
  if (is_cross_validation(experiment)) {
    if (experiment.train.repeats > 1)
      throw usage_error(
          "train.repeats: cross-validation has one run per fold; repeat it with another --seed");
    for (int fold = 1; fold <= experiment.data.split.folds; ++fold)
      requests.push_back(plan_run(fold_experiment(experiment, fold), context));
    return requests;
  }
  if (experiment.train.repeats == 1) return {plan_run(experiment, context)};
  for (int i = 0; i < experiment.train.repeats; ++i) {
    Experiment repeat = experiment;
    repeat.train.repeats = 1;
    repeat.experiment.seed += static_cast<std::uint64_t>(i);
    repeat.experiment.name += fmt::format("-seed{}", repeat.experiment.seed);
    requests.push_back(plan_run(repeat, context));
    requests.back().series = fmt::format("seed {}/{}", i + 1, experiment.train.repeats);
  }
  return requests;
}

void report_repeats(const Experiment& experiment, std::span<const SeriesRun> repeats, std::ostream& out) {
  std::vector<double> accuracies;
  for (const SeriesRun& repeat : repeats) accuracies.push_back(repeat.metrics.accuracy);
  const Spread accuracy = spread_of(accuracies);
  const fs::path path =
      fs::path(experiment.experiment.output) / (experiment.experiment.name + "-repeats.json");
  write_file(path, series_json("seed", repeats));
  out << fmt::format("{} runs: accuracy {:.4f} ± {:.4f} (mean ± standard deviation over seeds); {}\n",
                     repeats.size(), accuracy.mean, accuracy.deviation, path.string())
      << std::flush;
}

/// An exit code where a signal ended it.
std::optional<int> run_repeats(const Experiment& experiment, std::span<const RunRequest> requests,
                               TrainingData& data, const Console& console, Log& log) {
  split_data(data, experiment, log);
  std::vector<SeriesRun> repeats;
  for (const RunRequest& request : requests) {
    const TrainingRun run = run_training(request, data, console, log);
    if (run.result.end == TrainingEnd::stopped) return stop_exit_code();
    if (run.result.evaluations.empty()) continue;
    repeats.push_back({.number = request.experiment.experiment.seed,
                       .folder = run.folder.string(),
                       .metrics = run.result.evaluations.back().evaluation.metrics});
  }
  if (repeats.size() > 1) report_repeats(experiment, repeats, console.out);
  return std::nullopt;
}

/// Likewise. With fewer folds than asked for nothing is trained.
std::optional<int> run_folds(const Experiment& experiment, std::span<const RunRequest> requests,
                             TrainingData& data, const Console& console, Log& log) {
  FoldPool pool;
  for (const RunRequest& request : requests) {
    split_data(data, request.experiment, log);
    const TrainingRun run = run_training(request, data, console, log);
    if (run.result.end == TrainingEnd::stopped) return stop_exit_code();
    if (!run.result.evaluations.empty()) pool.add(run, data);
  }
  if (!requests.front().plan.leads()) return std::nullopt;
  const bool again = requests.front().plan.resume || requests.front().exist_ok;
  const RunFolder folder =
      make_run_folder(experiment.experiment.output, experiment.experiment.name + "-folds", again);
  pool.report(folder.path, experiment, data, console, log);
  return std::nullopt;
}

/// The files and keys that the experiment comes of.
void say_configuration(const TrainOptions& options, Log& log) {
  std::vector<std::string> origins;
  if (!options.resumed_run.empty()) origins.push_back((options.resumed_run / "config.yaml").string());
  for (const fs::path& file : options.configs) origins.push_back(file.string());
  for (const std::string& key : options.overrides) origins.push_back(fmt::format("--set {}", key));
  log.debug("configuration: {}", origins.empty() ? "the defaults" : join(origins, ", "));
}

/// The experiment in the processes of the group, all of which come here.
int train_in(const ProcessGroup& group, const TrainOptions& options, Experiment experiment,
             std::span<const std::string> arguments, const Console& console) {
  group.require_same("the configuration", dump_experiment(experiment), ErrorKind::usage);
  if (!group.is_alone() && experiment.train.batch_size < 2 * group.size())
    throw usage_error("train.batch_size: {} samples are too few for {} processes, of which each takes two",
                      experiment.train.batch_size, group.size());
  LogOptions log_options = options.log;
  log_options.quiet = log_options.quiet || !group.leads();
  Log log(console, log_options);
  say_configuration(options, log);
  if (!group.is_alone())
    log.info("{} processes divide each batch of {}", group.size(), experiment.train.batch_size);
  const RunContext context{.options = options, .arguments = arguments, .group = group, .log = log};
  const auto load = [&] {
    TrainingData data;
    const auto read = [&] { data = load_data(experiment, options.models_folder, log); };
    experiment.data.cache.keep ? group.first_then_others(read) : read();
    return data;
  };
  TrainingData data;
  std::vector<RunRequest> requests;
  if (is_by_group(experiment.data.split)) {
    data = load();
    settle_folds(experiment, data.faces.dataset);
    requests = plan_runs(experiment, context);
  } else {
    requests = plan_runs(experiment, context);
    data = load();
  }
  const auto run = is_cross_validation(experiment) ? run_folds : run_repeats;
  return run(experiment, requests, data, console, log).value_or(kOk);
}

/// The same, by the rank that the environment gives; its end is told to the others.
int train_as_rank(const RankFacts& facts, const TrainOptions& options, const Experiment& experiment,
                  std::span<const std::string> arguments, const Console& console) {
  const ProcessGroup group(facts, {.backend = options.backend,
                                   .device = rank_device(experiment.train.device, facts),
                                   .timeout = options.timeout});
  try {
    return train_in(group, options, experiment, arguments, console);
  } catch (const std::exception& error) {
    group.leave(error.what());
    throw;
  }
}

}  // namespace

int train_tool(std::span<const std::string> arguments, const Console& console) {
  CLI::App app("Trains a facial-expression classifier as an experiment file says.", "fer-train");
  TrainOptions options;
  describe(app, options);
  if (const auto done = parse_options(app, arguments, console)) return *done;
  if (!options.sweep.file.empty()) return run_sweep(sweep_of(options), arguments, console);
  Experiment experiment = read_experiment(options);
  apply_folds(experiment, options);
  if (options.dump_config) {
    console.out << dump_experiment(experiment) << std::flush;
    return kOk;
  }

  const auto facts = rank_of_environment();
  if (options.processes && facts)
    throw usage_error("--nproc: this is already rank {} of {} (by the environment of torchrun or srun)",
                      facts->rank, facts->world_size);
  if (options.processes.value_or(1) > 1)
    return run_in_processes(*options.processes, without_option(arguments, "--nproc"), console);
  const StopSignal signals;
  if (!facts) return train_in(ProcessGroup(), options, experiment, arguments, console);
  return train_as_rank(*facts, options, experiment, arguments, console);
}

}  // namespace fer
