#include "data_split.hpp"

#include <algorithm>
#include <exception>
#include <ostream>
#include <set>
#include <tuple>

#include "cross_validation.hpp"
#include "data_loading.hpp"
#include "fer/config/load.hpp"
#include "fer/core/error.hpp"
#include "fer/core/files.hpp"
#include "fer/report/split_files.hpp"
#include "stop_signal.hpp"

namespace fer {
namespace {

namespace fs = std::filesystem;

fs::path leaks_path(const SplitFileOptions& options) { return options.output.parent_path() / "leaks.csv"; }

void require_free(const SplitFileOptions& options) {
  if (options.exist_ok) return;
  for (const fs::path& path : {options.output, leaks_path(options)}) {
    if (fs::exists(path)) {
      throw usage_error("{}: is there already; name another file with -o, or pass --exist-ok", path.string());
    }
  }
}

/// What came of dividing, once or into each fold in turn.
struct Findings {
  std::vector<Leak> leaks = {};  ///< with the parts of their first fold
  std::set<std::tuple<LeakKind, std::size_t, std::size_t>> known = {};  ///< of these, the lower sample first
  std::set<std::string> warnings = {};
  std::exception_ptr refusal = {};  ///< of the first fold that would not train
};

void collect(const TrainingData& data, const Experiment& experiment, Findings& findings) {
  for (const Leak& leak : data.leaks) {
    const auto [low, high] = std::minmax(leak.sample, leak.other);
    if (findings.known.emplace(leak.kind, low, high).second) findings.leaks.push_back(leak);
  }
  findings.warnings.insert(data.warnings.begin(), data.warnings.end());
  try {
    refuse_leaks(data, experiment);
  } catch (const Error&) {
    if (!findings.refusal) findings.refusal = std::current_exception();
  }
}

/// Divides `data`, into each fold in turn where the method makes folds.
Findings divide_all(TrainingData& data, Experiment experiment, bool in_folds, Log& log) {
  Findings findings;
  int& fold = experiment.data.split.fold;
  const int last = in_folds ? experiment.data.split.folds : fold;
  for (fold = in_folds ? 1 : fold; fold <= last; ++fold) {
    ProgressBar bar =
        log.bar(in_folds ? fmt::format("comparing parts, fold {}/{}", fold, last) : "comparing parts");
    divide(data, experiment, steps_on(bar), stop_requested);
    collect(data, experiment, findings);
  }
  return findings;
}

void print(const TrainingData& data, bool in_folds, std::ostream& out) {
  const Dataset& dataset = data.faces.dataset;
  SplitFacts facts = data.split;
  facts.leaks.clear();  // the list and what follows tell of them
  if (in_folds) facts.fold = 0;
  out << split_text(facts) << "\n\n"
      << (in_folds ? split_table("fold", count_folds(dataset, data.folds), dataset.classes)
                   : split_table("part", count_parts(dataset, data.parts), dataset.classes));
}

}  // namespace

void describe_split(CLI::App& command, SplitFileOptions& options) {
  command.add_option("-c,--config", options.configs, "Experiment file (YAML); of several the later one wins")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command.add_option("--set", options.overrides, "Set one key of the experiment, such as data.split.folds=5")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command.add_option("-o,--output", options.output, "The split file; leaks.csv comes beside it")
      ->type_name("FILE.csv")
      ->capture_default_str();
  command.add_option("--models-dir", options.models_folder, "Where detectors lie")->type_name("DIR");
  command.add_flag("--exist-ok", options.exist_ok, "Write over existing files");
}

void write_split(const SplitFileOptions& options, const LogOptions& log_options, const Console& console) {
  Log log(console, log_options);
  Experiment experiment = load_experiment(options.configs, options.overrides);
  require_free(options);
  TrainingData data = load_data(experiment, options.models_folder, log);
  settle_folds(experiment, data.faces.dataset);
  const bool in_folds = has_folds(experiment.data.split);
  const Findings findings = divide_all(data, experiment, in_folds, log);

  const Dataset& dataset = data.faces.dataset;
  make_folder(options.output.parent_path().empty() ? "." : options.output.parent_path());
  write_file(options.output,
             split_csv(dataset, in_folds ? std::span<const Part>() : std::span(data.parts), data.folds));
  if (!findings.leaks.empty()) write_file(leaks_path(options), leaks_csv(dataset, findings.leaks));
  for (const std::string& warning : findings.warnings) log.warning("split: {}", warning);
  print(data, in_folds, console.out);
  console.out << '\n' << options.output.string();
  if (!findings.leaks.empty())
    console.out << fmt::format(", {} leaks in {}", findings.leaks.size(), leaks_path(options).string());
  console.out << std::endl;
  if (findings.refusal) std::rethrow_exception(findings.refusal);
}

}  // namespace fer
